import { expect, it } from 'vitest';
import { Campaign } from './campaign.ts';
import { clearAbandoned } from './machine/leftovers.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 1e6));
const minutes = 1;

it(
  'three servers under every fault that this machine is able to: what clients saw is a history of ZooKeeper',
  async () => {
    for (const name of clearAbandoned()) console.log(`cleared away: ${name}`);
    console.log(`chaos: seed ${seed}`);
    const campaign = new Campaign({
      minutes,
      servers: 3,
      clients: 10,
      seed,
      faults: undefined,
      everyMs: 1000,
      rate: 300,
      isApache: false,
      storage: 'file',
      isKept: false,
    });

    await campaign.storm();
    const { problems, verdict } = campaign.judge();

    console.log(verdict);
    expect(problems).toEqual([]);
  },
  (minutes + 6) * 60_000,
);

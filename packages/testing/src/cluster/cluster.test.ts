import { describe, expect, it } from 'vitest';
import { Cluster } from './cluster.ts';

describe('an ensemble that does what a script says', () => {
  it('goes the same way each time', async () => {
    const play = async (): Promise<string> => {
      const cluster = await Cluster.serving();
      const client = await cluster.client(1);
      await client.create('/a');
      cluster.cutPower(3);
      await cluster.leaderOf(1, 2);
      await cluster.ends();
      return cluster.world.trace.hash;
    };

    expect(await play()).toBe(await play());
  });

  it('holds what goes one way, and lets it go', async () => {
    const cluster = await Cluster.serving();
    const client = await cluster.client(3);
    cluster.hold(3, 1);
    cluster.hold(3, 2);

    const answer = client.send({ op: 'create', path: '/a', value: '', mode: 0 });
    await cluster.pass(500);
    expect(cluster.server(1).durable.find(cluster.server(3).durable.lastZxid)).toBe(undefined);
    cluster.release(3, 1);

    expect((await cluster.run(answer, 'an answer')).outcome).toBe('ok');
    await cluster.ends();
  });

  it('holds what a disk makes durable, and a power cut takes it', async () => {
    const cluster = await Cluster.serving();
    const client = await cluster.client(3);
    const { durable } = cluster.server(1);
    const before = durable.syncedZxid;
    cluster.disk(1).hold('log');
    await client.create('/a');
    await cluster.until(() => cluster.disk(1).waiting('log') > 0, '1 syncs');

    cluster.cutPower(1);
    cluster.start(1);
    await cluster.until(() => durable.lastZxid === before, '1 is back without it');

    await cluster.serves(1);
    await cluster.isLevel();
    expect(cluster.tree(1).find('/a')).not.toBe(0);
    await cluster.ends();
  });

  it('rejects whatever is waited for when an invariant breaks, with what was wrong', async () => {
    const cluster = await Cluster.serving({
      invariants: [
        {
          name: 'nothing-is-written',
          says: 'Nobody writes.',
          watch: ({ violated }) => ({ onCommitted: ({ zxid }) => violated(`${zxid} was committed`) }),
        },
      ],
    });

    await expect(cluster.client(1)).rejects.toThrow(/nothing-is-written: Nobody writes/);
  });

  it('says what it has waited for in vain', async () => {
    const cluster = new Cluster();
    cluster.start(1);

    await expect(cluster.leaderOf(1)).rejects.toThrow(/not within 60000 simulated ms: one of 1 leads/);
  });

  it('brings back a disk from before', async () => {
    const cluster = await Cluster.serving();
    const client = await cluster.client(3);
    await client.create('/a');
    await cluster.stop(1);
    const image = cluster.disk(1).copy();
    const zxid = cluster.server(1).durable.lastZxid;
    cluster.start(1);
    await cluster.serves(1);
    await client.create('/b');
    await cluster.stop(1);

    cluster.disk(1).restore(image);
    let found: number | undefined;
    cluster.listen({ onLooking: ({ sid }, _tree, lastZxid) => void (sid === 1 && (found = lastZxid)) });
    // What was durable is not there any more: whoever does that is told.
    cluster.start(1);

    await expect(cluster.serves(1)).rejects.toThrow(/synced-survives/);
    expect(found).toBe(zxid);
  });
});

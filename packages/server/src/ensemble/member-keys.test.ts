import { defaultQuorumRules, OpCode, QuorumConfig } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create } from '../../test/requests.ts';

/** Keys of `zoo.cfg` whose effect no other spec shows. */

describe('leader.maxTimeToWaitForEpoch', () => {
  it('is how long a leader waits at least, where a voter looks again before an epoch is agreed upon', async () => {
    const world = await leaderAlone({ maxTimeToWaitForEpoch: 300 });

    await world.pass(250);
    world.hearLooking(3, 1);
    expect(endsOf(world)).toEqual([]);
    await world.pass(100);
    world.hearLooking(3, 9);
    expect(endsOf(world)).toEqual([]);
    world.hearLooking(3, 1);
    await world.pass(50);

    expect(endsOf(world)).toEqual(['server 1 looks for a leader, and no quorum has come']);
  });

  it('has no effect unless it is set: then it waits for initLimit', async () => {
    const world = await leaderAlone({});

    await world.pass(1500);
    world.hearLooking(3, 1);
    await world.pass(50);
    expect(endsOf(world)).toEqual([]);
    await world.pass(1000);

    expect(endsOf(world)[0]).toContain('no quorum');
  });

  it('has no effect once the epoch is agreed upon', async () => {
    const world = await EnsembleWorld.led(3, { size: 3, ensemble: { maxTimeToWaitForEpoch: 300 } });
    await world.pass(1000);

    world.hearLooking(3, 1);
    await world.pass(100);

    expect(endsOf(world)).toEqual([]);
  });
});

it.each([
  [0, 2000],
  [3, 600],
])(
  'connectToLearnerMasterLimit=%i gives up a leader that does not answer within %i ms',
  async (limit, ms) => {
    const world = new EnsembleWorld({ size: 3, ensemble: { connectToLearnerMasterLimit: limit } });
    await world.start(1);
    await world.start(3);
    world.network.partition('s1', 's3');

    world.elect(3);
    await world.pass(ms - 100);
    expect(world.lines('the leader cannot be reached')).toEqual([]);
    await world.pass(200);

    expect(world.lines('the leader cannot be reached')).toHaveLength(1);
  },
);

describe('several addresses of a server', () => {
  it.each([
    ['serve where only the second leads to it', 'gone-SID:2888:3888|sSID:2889:3889'],
    ['serve where both do', 'sSID:2888:3888|sSID:2889:3889'],
  ])('%s', async (_, line) => {
    const quorum = QuorumConfig.parse(
      [1, 2, 3].map((sid) => `server.${sid}=${line.replaceAll('SID', String(sid))};2181`).join('\n'),
      { ...defaultQuorumRules, isMultiAddress: true },
    );
    const world = await EnsembleWorld.elected({
      size: 3,
      ensemble: { quorum, multiAddress: { enabled: true } },
    });

    const client = await world.client(1);

    expect((await world.run(client.request(OpCode.create, create('/a')))).err).toBe(0);
  });
});

it('quorumListenOnAllIPs opens quorum and election ports on all addresses', async () => {
  const world = await EnsembleWorld.elected({ size: 3, ensemble: { quorumListenOnAllIPs: true } });
  const other = world.network.transport('other');
  const quiet = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

  for (const port of [2888, 3888]) {
    const { remote } = await world.run(
      new Promise<{ remote: { port: number } }>((resolve, reject) => {
        other
          .connect({ host: 's3', port, timeoutMs: 1000 }, (connection) => {
            resolve(connection);
            return quiet;
          })
          .catch(reject);
      }),
    );
    expect(remote.port).toBe(port);
  }
});

describe('the oracle of two', () => {
  it('lets the one it names go on alone, and the other one follow it', async () => {
    const world = await two({ 1: false, 2: true });
    world.crash(1);
    await world.pass(5000);
    await world.serving(2);
    const client = await world.client(2);
    expect((await world.run(client.request(OpCode.create, create('/alone')))).err).toBe(0);

    await start(world, 1, () => false);
    await world.serving(1);

    expect([1, 2].map((sid) => world.members.get(sid)!.view.mode)).toEqual(['follower', 'leader']);
  });

  it('is not asked while the other one follows: what is acknowledged both have', async () => {
    const world = await two({ 1: false, 2: true });
    const client = await world.client(2);

    world.network.stall('s1');
    client.send(OpCode.create, create('/a'));
    await world.pass(300);
    expect(client.frames).toEqual([]);

    // It has been silent for too long, and does not follow any more.
    await world.pass(3000);
    expect((await world.run(client.reply())).err).toBe(0);
  });

  it('lets nobody go on alone whom it does not name, until it does', async () => {
    let isGranted = false;
    const world = new EnsembleWorld({ size: 2, hasRealElections: true });
    await start(world, 1, () => isGranted);
    await start(world, 2, () => true);
    await world.serving();
    world.crash(2);

    await world.pass(5000);
    expect(world.members.get(1)!.view.isServing).toBe(false);
    isGranted = true;
    await world.pass(5000);

    expect(world.members.get(1)!.view).toMatchObject({ isServing: true, mode: 'leader' });
  });
});

async function leaderAlone(ensemble: { maxTimeToWaitForEpoch?: number }): Promise<EnsembleWorld> {
  const world = new EnsembleWorld({ size: 3, ensemble });
  await world.start(3);
  world.elect(3);
  return world;
}

async function two(grants: Readonly<Record<number, boolean>>): Promise<EnsembleWorld> {
  const world = new EnsembleWorld({ size: 2, hasRealElections: true });
  for (const sid of [1, 2]) await start(world, sid, () => grants[sid]!);
  await world.serving();
  return world;
}

async function start(world: EnsembleWorld, sid: number, oracle: () => boolean): Promise<void> {
  const rules = { ...defaultQuorumRules, oracle };
  const lines = [1, 2].map((other) => `server.${other}=s${other}:2888:3888;2181`).join('\n');
  await world.start(sid, { quorum: QuorumConfig.parse(lines, rules) });
}

function endsOf(world: EnsembleWorld): unknown[] {
  return world
    .lines('back to election')
    .filter(({ sid }) => sid === 3)
    .map(({ fields }) => fields['reason']);
}

import { CreateMode, OpCode, QuorumConfig, ReconfigRequest, Xid } from '@corral/protocol';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, exists, getData, remove, setData, sync } from '../../test/requests.ts';
import { LearnerMasters } from './learner-masters.ts';

describe('an observer of a follower', () => {
  it('is served by that, not by the leader', async () => {
    const world = await ensemble();

    expect(mastersOf(world)).toHaveLength(1);
    expect([2, 3]).toContain(mastersOf(world)[0]);
    expect(world.members.get(4)!.view.mode).toBe('observer');
  });

  it('has what is written anywhere, and its clients write', async () => {
    const world = await ensemble();
    const [near, far] = [await world.client(4), await world.client(1)];

    expect((await world.run(near.request(OpCode.create, create('/a', 'one')))).err).toBe(0);
    expect((await world.run(far.request(OpCode.setData, setData('/a', 'two')))).err).toBe(0);
    expect((await world.run(near.request(OpCode.sync, sync('/a')))).err).toBe(0);
    const read = await world.run(near.request(OpCode.getData, getData('/a')));

    expect(new TextDecoder().decode(read.body.readBuffer()!)).toBe('two');
  });

  it.each([
    ['memory', 20, {}, 'DIFF to'],
    ['the log on disk', 700, { snapshotSizeFactor: 1000 }, 'sending a learner a part of the log'],
    ['a snapshot', 700, {}, 'SNAP at'],
  ])('is brought up to date out of %s', async (_, count, ensembleConfig, note) => {
    const world = await ensemble(ensembleConfig);
    await write(world, 1, 'first');
    world.crash(4);
    for (let i = 0; i < count; i += 100) await write(world, Math.min(100, count), `n${i}-`);

    await world.start(4);
    await world.serving(4);
    await write(world, 5, 'last');
    await world.pass(500);

    expect(nodes(world, 4)).toBe(nodes(world, 1));
    const masters = mastersOf(world);
    expect(masters).toHaveLength(2);
    expect(world.lines(note).map(({ sid }) => sid)).toContain(masters[1]);
  });

  it('keeps sessions alive that are attached to it, and their ephemeral nodes', async () => {
    const world = await ensemble();
    const client = await world.client(4, { timeout: 1000 });
    await world.run(client.request(OpCode.create, create('/e', '', CreateMode.EPHEMERAL)));

    for (let i = 0; i < 30; i++) {
      await world.pass(200);
      await world.run(client.request(OpCode.ping, null, Xid.ping));
    }
    expect((await world.run(client.request(OpCode.exists, exists('/e')))).err).toBe(0);

    client.destroy();
    await world.pass(3000);
    const other = await world.client(1);
    expect((await world.run(other.request(OpCode.exists, exists('/e')))).err).toBe(-101);
  });

  it('takes over sessions from its follower and gives them back', async () => {
    const world = await ensemble();
    const master = mastersOf(world)[0]!;
    const client = await world.client(master);
    await world.run(client.request(OpCode.create, create('/e', '', CreateMode.EPHEMERAL)));
    const { sessionId, passwd } = client.session!;

    const moved = await world.client(4, { sessionId, password: passwd });
    expect(moved.session!.sessionId).toBe(sessionId);
    await world.run(client.closed());
    expect((await world.run(moved.request(OpCode.create, create('/moved')))).err).toBe(0);

    const back = await world.client(master, { sessionId, password: passwd });
    expect(back.session!.sessionId).toBe(sessionId);
    expect((await world.run(back.request(OpCode.delete, remove('/e')))).err).toBe(0);
  });

  it('is told that a session is unknown', async () => {
    const world = await ensemble();
    const client = await world.client(4);
    const { sessionId, passwd } = client.session!;
    await world.run(client.request(OpCode.closeSession));

    const again = await world.client(4, { sessionId, password: passwd });

    expect(again.session!.timeOut).toBe(0);
  });

  it('syncs of its clients and of its follower are answered to whom they belong', async () => {
    const world = await ensemble();
    const near = await world.client(4);
    const own = await world.client(mastersOf(world)[0]!);

    const sent = [near, own, own, near, own].map(
      (client) => [client, client.send(OpCode.sync, sync('/'))] as const,
    );

    for (const [client, xid] of sent) expect(await world.run(client.reply())).toMatchObject({ xid, err: 0 });
  });

  it('goes to another one when its follower dies, and to the leader when none is left', async () => {
    const world = await ensemble();
    const first = mastersOf(world)[0]!;

    world.crash(first);
    await world.pass(3000);
    await world.serving(4);
    const second = mastersOf(world).at(-1)!;
    expect(new Set([first, second])).toEqual(new Set([2, 3]));
    await write(world, 5, 'meanwhile');
    await world.pass(200);
    expect(nodes(world, 4)).toBe(nodes(world, 1));
  });

  it('goes to the leader where no follower serves observers', async () => {
    const world = new EnsembleWorld({ size: 4, observers: [4] });
    for (const sid of [1, 2, 3]) await world.start(sid);
    await world.start(4, { observerMasterPort: 2191 });
    world.elect(1);
    await world.serving();

    await write(world, 5, 'n');
    await world.pass(200);

    expect(mastersOf(world)).toEqual([1]);
    expect(nodes(world, 4)).toBe(nodes(world, 1));
  });

  it('finds others where a follower cannot open its port, and that one follows all the same', async () => {
    const world = new EnsembleWorld({ size: 4, observers: [4], ensemble: { observerMasterPort: 2191 } });
    const taken = world.network.transport('s2').listen({ host: 's2', port: 2191 }, () => {
      throw new Error('nobody is served here');
    });
    await world.run(taken);
    for (const sid of [1, 2, 3, 4]) await world.start(sid);
    world.elect(1);
    await world.serving();

    expect(mastersOf(world)).toEqual([3]);
    expect(world.lines('observers cannot come here').map(({ sid }) => sid)).toEqual([2]);
  });

  it('hears of a reconfiguration that removes another, and is not disturbed', async () => {
    const world = await EnsembleWorld.elected({
      size: 4,
      observers: [4],
      ensemble: { observerMasterPort: 2191 },
      config: { reconfigEnabled: true, skipAcl: true },
    });
    const client = await world.client(4);

    const reply = await world.run(client.request(OpCode.reconfig, new ReconfigRequest(null, '1', null, -1)));

    expect(reply.err).toBe(0);
    await world.pass(500);
    expect(world.kept.get(4)!.quorum.voters).toEqual(new Set([2, 3]));
    expect(client.isClosed).toBe(false);
  });
});

describe('an observer that has lost its leader', () => {
  it('waits before it takes part in an election, and before it comes to the leader', async () => {
    const world = await EnsembleWorld.led(1, {
      size: 4,
      observers: [4],
      ensemble: { observerElectionDelayMs: 60_000, observerReconnectDelayMs: 60_000 },
    });
    const lookedBefore = world.lines('looking for a leader').filter(({ sid }) => sid === 4).length;

    world.elect(undefined);
    world.crash(1);
    await world.pass(2000);
    world.elect(2);
    await world.serving(2, 3);

    expect(world.members.get(4)!.view.isServing).toBe(false);
    expect(
      world.lines('looking for a leader').filter(({ sid }) => sid === 4).length - lookedBefore,
    ).toBeLessThan(2);
    await world.pass(120_000);
    expect(world.members.get(4)!.view.isServing).toBe(true);
  });

  it('stops at once while it waits', async () => {
    const world = await EnsembleWorld.led(1, {
      size: 4,
      observers: [4],
      ensemble: { observerElectionDelayMs: 600_000 },
    });
    world.elect(undefined);
    world.crash(1);
    await world.pass(2000);

    await world.run(world.members.get(4)!.close());

    expect(world.lines('stopped').map(({ sid }) => sid)).toEqual([4]);
  });
});

describe('whom an observer turns to', () => {
  const config = QuorumConfig.parse(
    [1, 2, 3].map((sid) => `server.${sid}=s${sid}:2888:3888;2181`).join('\n') +
      '\nserver.4=s4:2888:3888:observer;2181',
  );
  const { random } = new SimulatedRuntime({ seed: 3 });

  it('is the leader, where there is no port for observers', () => {
    const masters = new LearnerMasters(0, random);
    const leader = { sid: 1, addresses: [{ host: 's1', port: 2888, electionPort: 3888 }], isLast: true };

    expect([masters.next(config, 1), masters.next(config, 1)]).toEqual([leader, leader]);
  });

  it('is each follower in turn, then the leader, then each follower again', () => {
    const masters = new LearnerMasters(2191, random);
    const round = () => [1, 2, 3].map(() => masters.next(config, 1));

    for (let i = 0; i < 5; i++) {
      const [first, second, last] = round();
      expect(new Set([first!.sid, second!.sid])).toEqual(new Set([2, 3]));
      expect(first!.addresses).toEqual([{ host: `s${first!.sid}`, port: 2191 }]);
      expect(last).toEqual({
        sid: 1,
        addresses: [{ host: 's1', port: 2888, electionPort: 3888 }],
        isLast: true,
      });
    }
  });

  it('begins anew under another leader', () => {
    const masters = new LearnerMasters(2191, random);
    masters.next(config, 1);

    expect(new Set([masters.next(config, 2).sid, masters.next(config, 2).sid])).toEqual(new Set([1, 3]));
  });
});

function ensemble(config: { snapshotSizeFactor?: number } = {}): Promise<EnsembleWorld> {
  return EnsembleWorld.led(1, {
    size: 4,
    observers: [4],
    ensemble: { observerMasterPort: 2191, ...config },
  });
}

/** Whom server 4 was served by, one after another. */
function mastersOf(world: EnsembleWorld): number[] {
  return world
    .lines('serving')
    .filter(({ sid, fields }) => sid === 4 && fields['mode'] === 'observer')
    .map(({ fields }) => fields['leader'] as number);
}

function nodes(world: EnsembleWorld, sid: number): number {
  return world.members.get(sid)!.view.nodeCount;
}

async function write(world: EnsembleWorld, count: number, name: string): Promise<void> {
  const client = await world.client(1);
  for (let i = 0; i < count; i++) client.send(OpCode.create, create(`/${name}${i}`, 'x'.repeat(100)));
  for (let i = 0; i < count; i++) expect((await world.run(client.reply())).err).toBe(0);
  client.end();
}

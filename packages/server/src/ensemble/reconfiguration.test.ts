import { ErrorCode, OpCode, QuorumConfig, ReconfigRequest, Stat } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, exists, getData } from '../../test/requests.ts';

const ENABLED = { reconfigEnabled: true, skipAcl: true };
const E = ErrorCode;

describe('the configuration', () => {
  it('has the zxid of the first NEWLEADER, on every member and its disk', async () => {
    const world = await EnsembleWorld.elected({ size: 3, config: ENABLED });
    await world.pass(100);

    for (const sid of [1, 2, 3]) {
      expect((await configOf(world, sid)).version, `member ${sid}`).toBe(0x1_0000_0000);
      expect(world.kept.get(sid)?.quorum.version).toBe(0x1_0000_0000);
    }
  });

  it('stays as the files say it where reconfiguration is off', async () => {
    const world = await EnsembleWorld.elected({ size: 3 });
    await world.pass(100);

    for (const sid of [1, 2, 3]) expect((await configOf(world, sid)).version).toBe(0);
    expect(await reconfig(world, 1, { leaving: '3' })).toBe(E.RECONFIGDISABLED);
  });
});

describe('a reconfiguration', () => {
  it.each([1, 3])('asked of member %i is in force everywhere, and answered with its text', async (asked) => {
    const world = await EnsembleWorld.elected({ size: 3, config: ENABLED });

    const answer = await reconfig(world, asked, { joining: 'server.4=s4:2888:3888:observer;2181' });

    const version = (answer as QuorumConfig).version;
    expect(version).toBeGreaterThan(0x1_0000_0000);
    await world.pass(500);
    for (const sid of [1, 2, 3]) {
      const config = await configOf(world, sid);
      expect([config.version, config.observers]).toEqual([version, new Set([4])]);
      expect(world.kept.get(sid)).toMatchObject({ quorum: { version }, lastSeenQuorum: undefined });
    }
  });

  it('is answered with the text of the node, whichever member is asked', async () => {
    const world = await EnsembleWorld.elected({ size: 3, config: ENABLED });
    const client = await world.client(1);
    // Ids that a table of Java hands out in an order of its own.
    const joining = [17, 33].map((id) => `server.${id}=s${id}:1:2:observer;3`).join(',');

    const reply = await world.run(
      client.request(OpCode.reconfig, new ReconfigRequest(joining, null, null, -1)),
    );
    const node = await world.run(client.request(OpCode.getData, getData('/zookeeper/config')));

    expect(reply.body.readString()).toBe(node.body.readString());
  });

  it('lets a new server in, which then serves, and gives it a vote', async () => {
    const world = await EnsembleWorld.elected({ size: 3, config: ENABLED });
    await reconfig(world, 1, { joining: 'server.4=s4:2888:3888:observer;2181' });
    await world.start(4, { quorum: world.kept.get(1)!.quorum });
    await world.serving(4);
    expect(world.members.get(4)!.view.mode).toBe('observer');

    await reconfig(world, 4, { joining: 'server.4=s4:2888:3888:participant;2181' }, true);

    await world.pass(2000);
    await world.serving();
    expect(world.members.get(4)!.view.mode).toBe('follower');
    expect((await configOf(world, 4)).voters).toEqual(new Set([1, 2, 3, 4]));
    expect((await configOf(world, 1)).voters).toEqual(new Set([1, 2, 3, 4]));
  });

  it('takes the vote of a member that leaves; the others go on', async () => {
    const world = await EnsembleWorld.elected({ size: 4, config: ENABLED });

    await reconfig(world, 2, { leaving: '1' });
    world.crash(1);
    world.crash(2);
    await world.pass(2000);
    await world.serving(3, 4);

    const client = await world.client(3);
    expect((await world.run(client.request(OpCode.create, create('/a')))).err).toBe(0);
  });

  it('may take out the leader: the one that it designates leads at once, and sessions live on', async () => {
    const world = await EnsembleWorld.elected({ size: 4, config: ENABLED });
    expect(world.members.get(4)!.view.mode).toBe('leader');
    const client = await world.client(1);
    const { sessionId, passwd } = client.session!;

    await reconfig(world, 1, { leaving: '4' }, true);
    await world.pass(2000);
    await world.serving(1, 2, 3);

    expect([1, 2, 3].map((sid) => world.members.get(sid)!.view.mode)).toContain('leader');
    const again = await world.client(2, { sessionId, password: passwd });
    expect(again.session!.sessionId).toBe(sessionId);
    expect((await world.run(again.request(OpCode.create, create('/a')))).err).toBe(0);
  });

  it('moves the port of clients; those that are connected stay', async () => {
    const world = await EnsembleWorld.elected({ size: 3, config: ENABLED });
    const client = await world.client(1);

    await reconfig(world, 2, { joining: 'server.1=s1:2888:3888;2190' });
    await world.pass(500);

    expect(world.members.get(1)!.address.port).toBe(2190);
    expect((await world.run(client.request(OpCode.exists, exists('/')))).err).toBe(0);
  });

  it('survives the end of everybody', async () => {
    const world = await EnsembleWorld.elected({ size: 3, config: ENABLED });
    await reconfig(world, 1, { joining: 'server.4=s4:2888:3888:observer;2181' });
    await world.pass(500);
    for (const sid of [1, 2, 3]) world.crash(sid);

    for (const sid of [1, 2, 3]) await world.start(sid);
    await world.serving();

    expect((await configOf(world, 2)).observers).toEqual(new Set([4]));
  });

  it.each<[string, Wish, number]>([
    ['to one voter', { leaving: '1,2' }, E.BADARGUMENTS],
    ['of a server that is none', { joining: 'server.4=s4:1:2' }, E.BADARGUMENTS],
    ['of somebody who is no number', { leaving: 'three' }, E.MARSHALLINGERROR],
    ['from another version', { leaving: '3', version: 5 }, E.BADVERSION],
    [
      'to those who are not there',
      { members: 'server.7=s7:1:2;3,server.8=s8:1:2;3,server.9=s9:1:2;3' },
      E.NEWCONFIGNOQUORUM,
    ],
  ])('%s is refused, and changes nothing', async (_what, wish, code) => {
    const world = await EnsembleWorld.elected({ size: 3, config: ENABLED });

    expect(await reconfig(world, 1, wish)).toBe(code);

    await world.pass(500);
    expect((await configOf(world, 1)).version).toBe(0x1_0000_0000);
    expect(world.kept.get(3)?.lastSeenQuorum).toBeUndefined();
  });

  it('needs the right to change its node', async () => {
    const world = await EnsembleWorld.elected({ size: 3, config: { reconfigEnabled: true } });

    expect(await reconfig(world, 1, { leaving: '3' })).toBe(E.NOAUTH);
  });

  it('from the version in force is taken, one at a time', async () => {
    const world = await EnsembleWorld.elected({ size: 4, config: ENABLED });
    const client = await world.client(1);
    const wish = (leaving: string): ReconfigRequest =>
      new ReconfigRequest(null, leaving, null, 0x1_0000_0000);

    client.send(OpCode.reconfig, wish('2'));
    client.send(OpCode.reconfig, wish('3'));

    expect((await world.run(client.reply())).err).toBe(0);
    expect((await world.run(client.reply())).err).toBe(E.RECONFIGINPROGRESS);
  });
});

interface Wish {
  readonly joining?: string;
  readonly leaving?: string;
  readonly members?: string;
  readonly version?: number;
}

/** The new configuration, or the code of the error; `left` where the member asked must leave its leader for it. */
async function reconfig(
  world: EnsembleWorld,
  sid: number,
  { joining, leaving, members, version = -1 }: Wish,
  mayLeave = false,
): Promise<QuorumConfig | number | 'left'> {
  const client = await world.client(sid);
  const request = new ReconfigRequest(joining ?? null, leaving ?? null, members ?? null, version);
  const asked = client.request(OpCode.reconfig, request);
  const reply = await world.run(mayLeave ? asked.catch(() => 'left' as const) : asked);
  if (reply === 'left') return reply;
  if (reply.err !== 0) return reply.err;
  const config = QuorumConfig.parse(new TextDecoder().decode(reply.body.readBuffer()!));
  expect(Stat.read(reply.body)).toMatchObject({ version: -1, mzxid: config.version });
  return config;
}

async function configOf(world: EnsembleWorld, sid: number): Promise<QuorumConfig> {
  const client = await world.client(sid);
  const reply = await world.run(client.request(OpCode.getData, getData('/zookeeper/config')));
  return QuorumConfig.parse(new TextDecoder().decode(reply.body.readBuffer()!));
}

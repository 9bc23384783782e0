import { CreateMode, ErrorCode, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { create, exists, replyOf, World } from './harness/server-specs.ts';

describe('ZOOKEEPER-1208: an ephemeral node is created behind the end of its session, and stays for ever', () => {
  it('what a client sends behind the end of its session is not done', async () => {
    // Given a session whose end is under way, because the disk is slow
    const world = await World.serving();
    const client = await world.client();
    const syncs = world.holdSyncs();
    client.send(OpCode.closeSession);

    // When the client creates an ephemeral node on the same connection
    client.send(OpCode.create, create('/e', '', CreateMode.EPHEMERAL));
    await world.pass(10);
    syncs.release();
    await world.run(client.closed());

    // Then there is none
    expect(
      client.frames
        .map(replyOf)
        .slice(1)
        .every(({ err }) => err !== 0),
    ).toBe(true);
    expect(await findings(world)).toEqual([ErrorCode.NONODE, ErrorCode.NONODE]);
  });

  it('what comes over another connection of the session, behind its end, is not done', async () => {
    // Given a session whose end is under way
    const world = await World.serving();
    const client = await world.client();
    const { sessionId, passwd } = client.session!;
    const syncs = world.holdSyncs();
    client.send(OpCode.closeSession);
    await world.pass(10);

    // When its client comes again, and creates an ephemeral node
    const again = await world.dial();
    const opened = again.handshake({ sessionId, password: passwd });
    opened.catch(() => {});
    again.send(OpCode.create, create('/e', '', CreateMode.EPHEMERAL));
    await world.pass(10);
    syncs.release();
    await world.pass(100);

    // Then there is none
    expect(await findings(world)).toEqual([ErrorCode.NONODE, ErrorCode.NONODE]);
  });

  it('what was under way when the session expired is not done behind its end', async () => {
    // Given a client that falls silent
    const world = await World.serving({ tickTime: 1000 });
    const client = await world.client({ timeout: 4000 });
    world.network.stall('server');
    client.send(OpCode.create, create('/e', '', CreateMode.EPHEMERAL));

    // When its request is read only after its time is over
    await world.pass(7000);
    world.network.unstall('server');
    await world.pass(10_000);

    // Then there is no node without a session
    expect(await findings(world)).toEqual([ErrorCode.NONODE, ErrorCode.NONODE]);
  });
});

/** What is said of the node, now and after a restart. */
async function findings(world: World): Promise<number[]> {
  const found: number[] = [];
  for (let life = 0; life < 2; life++) {
    const reader = await world.client();
    found.push((await world.run(reader.request(OpCode.exists, exists('/e')))).err);
    await world.crashAndRestart();
  }
  return found;
}

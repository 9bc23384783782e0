import { CreateMode, ErrorCode, OpCode, writeMultiRequest, Xid } from '@corral/protocol';
import { apachePassword } from '@corral/session';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, exists, getData, remove, setData, sync } from '../../test/requests.ts';
import { ascii, bytesOf, TestClient } from '../../test/test-client.ts';

const ACCEPTING = { acceptsReadOnly: true };

describe('a server that finds no leader', () => {
  it('serves nobody until it has looked for two seconds, then clients that accept that', async () => {
    const world = await ensemble();
    await withoutQuorum(world);

    await world.pass(1900);
    expect(world.members.get(1)!.view.isServing).toBe(false);
    await world.pass(300);

    expect(world.members.get(1)!.view).toMatchObject({ isServing: true, mode: 'read-only' });
    const client = await world.client(1, ACCEPTING);
    expect(client.session).toMatchObject({ readOnly: true, timeOut: 4000 });
    const read = await world.run(client.request(OpCode.getData, getData('/a')));
    expect(new TextDecoder().decode(read.body.readBuffer()!)).toBe('one');
  });

  it('waits a tick where that is longer', async () => {
    const world = await ensemble({ tickTime: 5000 });
    await withoutQuorum(world);

    await world.pass(4800);
    expect(world.members.get(1)!.view.isServing).toBe(false);
    await world.pass(400);

    expect(world.members.get(1)!.view.isServing).toBe(true);
  });

  it('closes the connections of all other clients without a word', async () => {
    const world = await readOnlyEnsemble();

    await expect(world.client(1)).rejects.toThrow('closed');
    await expect(world.client(1, { readOnlyFlag: false })).rejects.toThrow('closed');
  });

  it('refuses whatever would be written, and sync, each in its turn', async () => {
    const world = await readOnlyEnsemble();
    const client = await world.client(1, ACCEPTING);
    const zxid = world.members.get(1)!.view.lastProcessedZxid;

    client.send(OpCode.create, create('/b'));
    client.send(OpCode.exists, exists('/a'));
    client.send(OpCode.create2, create('/e', '', CreateMode.EPHEMERAL));
    client.send(OpCode.setData, setData('/a', 'two'));
    client.send(OpCode.delete, remove('/a'));
    client.send(OpCode.sync, sync('/a'));
    client.send(
      OpCode.multi,
      bytesOf((w) => writeMultiRequest(w, [{ type: OpCode.create, record: create('/b') }])),
    );
    client.send(OpCode.ping, null, Xid.ping);
    const replies = [];
    for (let i = 0; i < 8; i++) replies.push(await world.run(client.reply()));

    const N = ErrorCode.NOTREADONLY;
    expect(replies.map(({ err }) => err)).toEqual([N, 0, N, N, N, N, N, 0]);
    expect(replies.every((reply) => reply.zxid === zxid)).toBe(true);
    expect(world.members.get(1)!.view.lastProcessedZxid).toBe(zxid);
  });

  it('says ro, and read-only', async () => {
    const world = await readOnlyEnsemble();

    expect(await word(world, 1, 'isro')).toBe('ro');
    expect(await word(world, 1, 'srvr')).toContain('Mode: read-only');
  });

  it('sends a client with a session of the ensemble away without calling it expired', async () => {
    const world = await ensemble();
    const { session } = await world.client(1);
    await withoutQuorum(world);
    await world.pass(2500);

    await expect(
      world.client(1, { ...ACCEPTING, sessionId: session!.sessionId, password: session!.passwd }),
    ).rejects.toThrow('closed');
  });

  it('does the same with one that it has never heard of: it may be younger than what this server knows', async () => {
    const world = await readOnlyEnsemble();
    const sessionId = 0x0300_0000_0000_0001n;

    await expect(
      world.client(1, { ...ACCEPTING, sessionId, password: apachePassword(sessionId) }),
    ).rejects.toThrow('closed');
  });

  it('keeps sessions of its own: over another connection, until they fall silent or are closed', async () => {
    const world = await readOnlyEnsemble();
    const { session } = await world.client(1, { ...ACCEPTING, timeout: 1000 });

    const again = await world.client(1, {
      ...ACCEPTING,
      timeout: 1000,
      sessionId: session!.sessionId,
      password: session!.passwd,
    });
    expect(again.session!.sessionId).toBe(session!.sessionId);
    await world.pass(2000);
    expect(again.isClosed).toBe(true);

    const other = await world.client(1, ACCEPTING);
    expect((await world.run(other.request(OpCode.closeSession))).err).toBe(0);
    await world.run(other.closed());
  });

  it('lets its clients go when a leader is found, and sessions of the ensemble come back', async () => {
    const world = await ensemble();
    const before = await world.client(1, { timeout: 30_000 });
    await world.run(before.request(OpCode.create, create('/e', '', CreateMode.EPHEMERAL)));
    const { sessionId, passwd } = before.session!;
    await withoutQuorum(world);
    await world.pass(2500);
    const client = await world.client(1, ACCEPTING);

    await world.start(2);
    await world.serving();

    expect(client.isClosed).toBe(true);
    const again = await world.client(1, { ...ACCEPTING, sessionId, password: passwd });
    expect(again.session).toMatchObject({ sessionId, readOnly: false });
    expect((await world.run(again.request(OpCode.delete, remove('/e')))).err).toBe(0);
    expect(await word(world, 1, 'isro')).toBe('rw');
  });

  it('stops in order', async () => {
    const world = await readOnlyEnsemble();
    const client = await world.client(1, ACCEPTING);

    await world.run(world.members.get(1)!.close());
    await world.run(client.closed());

    expect(world.lines('stopped').length).toBe(1);
  });
});

it('a server that is not told so serves nobody without a leader', async () => {
  const world = await EnsembleWorld.elected({ size: 3 });
  await withoutQuorum(world);

  await world.pass(10_000);

  expect(world.members.get(1)!.view.isServing).toBe(false);
  await expect(world.client(1, ACCEPTING)).rejects.toThrow('closed');
});

async function ensemble(config: { tickTime?: number } = {}): Promise<EnsembleWorld> {
  const world = await EnsembleWorld.elected({
    size: 3,
    ensemble: { readOnlyMode: true },
    config: { ...config, fourLetterWordWhitelist: ['srvr', 'isro'] },
  });
  const client = await world.client(1);
  await world.run(client.request(OpCode.create, create('/a', 'one')));
  client.end();
  return world;
}

/** Server 1 is left alone, and has noticed. */
async function withoutQuorum(world: EnsembleWorld): Promise<void> {
  const ends = world.lines('back to election').length;
  world.crash(2);
  world.crash(3);
  while (world.lines('back to election').length === ends) await world.pass(10);
}

async function readOnlyEnsemble(): Promise<EnsembleWorld> {
  const world = await ensemble();
  await withoutQuorum(world);
  await world.pass(2500);
  return world;
}

async function word(world: EnsembleWorld, sid: number, name: string): Promise<string> {
  const from = world.network.transport('127.0.0.1');
  const client = await world.run(TestClient.dial(from, 2181, { host: `s${sid}`, framed: false }));
  client.sendRaw(ascii(name));
  await world.run(client.closed());
  return client.text;
}

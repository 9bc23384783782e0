import { ConnectResponse, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { type Script, ScriptedServer, welcome } from '../test/scripted-server.ts';
import { World } from '../test/world.ts';
import { ConnectionLossError, OutcomeUnknownError, SessionExpiredError } from './index.ts';

describe('a server that', () => {
  it.each([
    ['answers a request that was not asked', ({ reply }: Asked): void => reply(0, undefined, 99)],
    [
      'sends a length that cannot be',
      ({ connection }: Asked): void => void connection.write(bytes(0xff, 0, 0, 0)),
    ],
    [
      'sends a frame of 2 GiB',
      ({ connection }: Asked): void => void connection.write(bytes(0x7f, 0xff, 0xff, 0xff)),
    ],
    ['sends a reply that ends in the middle', ({ reply }: Asked): void => reply(0, (w) => w.writeInt(1000))],
    [
      'ends the connection in a frame',
      ({ connection }: Asked): void => {
        connection.write(bytes(0, 0, 0, 40, 1, 2, 3));
        connection.end();
      },
    ],
  ] as const)('%s loses the connection, and nobody is left waiting', async (_, misbehave) => {
    const { world, server, zk } = await clientOf({
      onRequest: (request) => {
        if (request.server.connections.length > 1) return request.reply(-101);
        if (request.header.type === OpCode.exists) return request.reply(-101);
        return misbehave(request);
      },
    });

    const write = world.failure(zk.set('/a', 'x'));
    const read = world.failure(zk.get('/a'));

    expect(['OutcomeUnknownError', 'TruncatedReply']).toContain(nameOf(await write));
    expect((await read).name).toBe('NoNodeError');
    expect(server.connections.length).toBe(2);
  });

  it('ends every connection that asks for one node is asked for it only so often', async () => {
    const { world, server, zk } = await clientOf({
      onRequest: ({ header, connection, reply }) => {
        if (header.type === OpCode.getData) connection.destroy();
        else reply(-101);
      },
    });

    const error = await world.failure(zk.get('/too-large'));

    expect(error).toBeInstanceOf(ConnectionLossError);
    expect(error).not.toBeInstanceOf(OutcomeUnknownError);
    expect(server.requests.filter(({ type }) => type === OpCode.getData)).toHaveLength(4);
  });

  it('takes connections and never answers is left for another', async () => {
    const world = await World.serving();
    await ScriptedServer.listen(world.network.transport('mute'), 2181, { accept: () => undefined });

    const zk = world.open({ connectTimeout: 60_000 }, 'mute:2181,server:2181');
    await world.run(zk.connected());

    expect(zk.state).toBe('connected');
  });

  it('does not know the session ends it', async () => {
    let isKnown = true;
    const { world, server, zk } = await clientOf({
      accept: (request) =>
        isKnown ? welcome(request) : new ConnectResponse(0, 0, 0n, new Uint8Array(16), false),
    });

    isKnown = false;
    server.connections[0]?.destroy();
    await world.pass(1000);

    expect(await world.failure(zk.get('/'))).toBeInstanceOf(SessionExpiredError);
    expect(server.introductions.map(({ sessionId }) => sessionId)).toEqual([0n, 7n]);
  });
});

describe('a read-only server', () => {
  it('serves a client that is content with it, which goes to a better one when there is one', async () => {
    const world = await World.serving({ fourLetterWordWhitelist: ['isro'] });
    const readOnly = await ScriptedServer.listen(world.network.transport('ro'), 2181, {
      accept: (request) => welcome(request, true),
      onRequest: ({ reply }) => reply(-101),
      isro: () => 'ro',
    });
    // Its first transaction: the scripted one says that it has one.
    await world.client();
    world.network.stall('server');

    const zk = world.open({ readOnly: true, connectTimeout: 60_000 }, 'ro:2181,server:2181');
    await world.run(zk.connected());
    expect(zk.state).toBe('connectedReadOnly');
    world.network.unstall('server');
    await world.pass(120_000);

    expect(zk.state).toBe('connected');
    expect(readOnly.introductions[0]?.readOnly).toBe(true);
    expect(zk.sessionId).not.toBe(7n);
    await world.run(zk.create('/c', ''));
  });
});

type Asked = Parameters<NonNullable<Script['onRequest']>>[0];

async function clientOf(script: Script) {
  const world = new World();
  const server = await ScriptedServer.listen(world.network.transport('server'), 2181, {
    onRequest: ({ reply }) => reply(-101),
    ...script,
  });
  const zk = await world.client();
  return { world, server, zk };
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function nameOf(error: Error): string {
  return error.name === 'JuteError' ? 'TruncatedReply' : error.name;
}

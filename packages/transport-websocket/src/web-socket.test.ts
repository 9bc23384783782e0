import { on, once } from 'node:events';
import type { Connection, TransportError } from '@corral/transport';
import { describe, expect, it } from 'vitest';
import { BINARY, type Caller, CLOSE, frame, ScriptedServer, TEXT } from '../test/scripted-server.ts';
import { webSocket, type WebSocketOptions } from './index.ts';

describe('a dial', () => {
  it('asks for the path, offers zookeeper, and says a token beside', async () => {
    await using server = await ScriptedServer.open();

    const { caller } = await connected(server, { path: '/zk?a=b', token: 'abc' });

    expect(caller.url).toBe('/zk?a=b');
    expect(caller.headers['sec-websocket-protocol']).toBe('zookeeper, corral.token.abc');
  });

  it('is TIMEOUT where nobody answers the handshake, and hangs up', async () => {
    await using server = await ScriptedServer.open(false);
    const caller = server.caller();

    const dial = webSocket().connect({ host: '127.0.0.1', port: server.port, timeoutMs: 200 }, nobody);

    await expect(dial).rejects.toMatchObject({ code: 'TIMEOUT' });
    const { socket } = await caller;
    await once(socket.resume(), 'close');
  });

  it('is UNREACHABLE where nobody listens', async () => {
    const server = await ScriptedServer.open();
    const { port } = server;
    await server[Symbol.asyncDispose]();

    const dial = webSocket().connect({ host: '127.0.0.1', port, timeoutMs: 5000 }, nobody);

    await expect(dial).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it.each<WebSocketOptions>([
    { path: 'zk' },
    { path: '/a b' },
    { path: '/a#b' },
    { token: 'a,b' },
    { token: '' },
  ])('cannot be made with %o', (options) => {
    expect(() => webSocket(options)).toThrow(RangeError);
  });
});

describe('a connection', () => {
  it('sends a long write in messages of 64 KiB', async () => {
    await using server = await ScriptedServer.open();
    const { connection, caller } = await connected(server);
    const masked = [14 + 65_536, 14 + 65_536, 8 + 18_928];
    const all = Buffer.alloc(masked.reduce((sum, length) => sum + length, 0));
    const arrivals = on(caller.socket, 'data');
    let at = 0;

    connection.write(new Uint8Array(150_000));

    for await (const [chunk] of arrivals) {
      at += (chunk as Buffer).copy(all, at);
      if (at === all.length) break;
    }
    expect(all.readBigUInt64BE(2)).toBe(65_536n);
    expect(all.readBigUInt64BE(masked[0]! + 2)).toBe(65_536n);
    expect(all.readUInt16BE(2 * masked[0]! + 2)).toBe(18_928);
  });

  it('is RESET by a text', async () => {
    await using server = await ScriptedServer.open();
    const { caller, closed } = await connected(server);

    caller.socket.write(frame(TEXT, Buffer.from('hello')));

    expect((await closed)?.code).toBe('RESET');
  });

  it('is RESET where the other side goes without a close', async () => {
    await using server = await ScriptedServer.open();
    const { caller, closed } = await connected(server);

    caller.socket.destroy();

    expect((await closed)?.code).toBe('RESET');
  });

  it('ends in order with any close, behind what came before it, also when it was paused', async () => {
    await using server = await ScriptedServer.open();
    const { connection, caller, closed, data } = await connected(server);
    connection.pause();
    caller.socket.write(frame(BINARY, Buffer.from('ab')));
    caller.socket.write(frame(BINARY, Buffer.alloc(0)));
    caller.socket.write(frame(BINARY, Buffer.from('c')));
    caller.socket.end(frame(CLOSE, Uint8Array.of(0x03, 0xe9)));
    await once(caller.socket.resume(), 'close');

    connection.resume();

    expect(await closed).toBeUndefined();
    expect(data.join('')).toBe('abc');
  });

  it('is EXHAUSTED by more than may wait during a pause', async () => {
    await using server = await ScriptedServer.open();
    const { connection, caller, closed, data } = await connected(server);
    const chunk = frame(BINARY, new Uint8Array(1024 * 1024));
    connection.pause();

    for (let i = 0; i < 65; i++) caller.socket.write(chunk);

    expect((await closed)?.code).toBe('EXHAUSTED');
    expect(data).toEqual([]);
  });

  it('ends by itself where the other side never closes', async () => {
    await using server = await ScriptedServer.open();
    const { connection, closed } = await connected(server);

    connection.end();

    expect(await closed).toBeUndefined();
  });

  it('can be destroyed in a pause, after the other side has gone', async () => {
    await using server = await ScriptedServer.open();
    const { connection, caller, closed, data } = await connected(server);
    connection.pause();
    caller.socket.write(frame(BINARY, Buffer.from('ab')));
    caller.socket.destroy();

    connection.destroy();

    expect(await closed).toBeUndefined();
    expect(data).toEqual([]);
  });
});

interface Connected {
  readonly connection: Connection;
  readonly caller: Caller;
  readonly data: string[];
  readonly closed: Promise<TransportError | undefined>;
}

async function connected(server: ScriptedServer, options?: WebSocketOptions): Promise<Connected> {
  const data: string[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<TransportError | undefined>();
  const caller = server.caller();
  const where = { host: '127.0.0.1', port: server.port, timeoutMs: 10_000 };
  const connection = await webSocket(options).connect(where, () => ({
    onData: (chunk) => void data.push(Buffer.from(chunk).toString()),
    onDrain: () => {},
    onClose: resolve,
  }));
  return { connection, caller: await caller, data, closed };
}

function nobody(): never {
  throw new Error('it was not to stand');
}

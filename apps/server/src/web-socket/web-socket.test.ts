import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { type Client, createClient, utf8 } from '@corral/client';
import { memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeClock, nodeRandom, nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, type Server, startServer } from '@corral/server';
import type { Address, DialingTransport, TransportError } from '@corral/transport';
import { tcp } from '@corral/transport-tcp';
import { webSocket } from '@corral/transport-websocket';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { webSocketListening, type WebSocketListeningOptions } from './web-socket-listening.ts';

const usual: WebSocketListeningOptions = {
  origins: [],
  requireOrigin: false,
  token: undefined,
  connectionsMax: 100,
  messageMax: 1024 * 1024,
  handshakeTimeoutMs: 10_000,
  pingIntervalMs: 30_000,
  logger: silentLogger,
};

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

describe('a client over WebSocket', () => {
  it('does what one over TCP does, and sees what that one does', async () => {
    const { server, address } = await serving();
    const page = await client(address, webSocket());
    const other = await client(server.address, tcp());
    await using watch = page.watch('/a', { recursive: true });
    await watch.ready;

    await other.create('/a', 'from TCP');
    await page.create('/a/b', 'from WebSocket');

    expect((await page.get('/a', utf8)).data).toBe('from TCP');
    expect((await other.get('/a/b', utf8)).data).toBe('from WebSocket');
    expect((await watch.next()).value).toMatchObject({ type: 'created', path: '/a' });
    expect((await watch.next()).value).toMatchObject({ type: 'created', path: '/a/b' });
  });

  it('sends and gets thousands of requests, and nodes of a megabyte', async () => {
    const { address } = await serving();
    const page = await client(address, webSocket());
    const paths = Array.from({ length: 3000 }, (_, i) => `/n${i}`);
    const large = new Uint8Array(1_000_000).fill(7);

    await Promise.all(paths.map((path) => page.create(path, path)));
    await page.create('/large', large);

    const read = await Promise.all(paths.map((path) => page.get(path, utf8)));
    expect(read.map(({ data }) => data)).toEqual(paths);
    expect(Buffer.compare((await page.get('/large')).data, large)).toBe(0);
  });
});

describe('who is let in', () => {
  const pages: Partial<WebSocketListeningOptions> = { origins: ['https://ops.example.com'] };

  it.each<
    [who: string, rules: Partial<WebSocketListeningOptions>, headers: Record<string, string>, answer: string]
  >([
    ['a page, where no origin is named', {}, { origin: 'https://ops.example.com' }, '403'],
    ['a page of a named origin', pages, { origin: 'https://ops.example.com' }, 'open'],
    ['a page of another scheme', pages, { origin: 'http://ops.example.com' }, '403'],
    ['a page of another port', pages, { origin: 'https://ops.example.com:8443' }, '403'],
    ['a page of a longer name', pages, { origin: 'https://ops.example.com.evil.example' }, '403'],
    ['a page without an origin of its own', pages, { origin: 'null' }, '403'],
    ['a page that speaks an old draft', pages, { 'sec-websocket-origin': 'https://evil.example' }, '403'],
    ['a program, which says no origin', pages, {}, 'open'],
    ['a program, where an origin is required', { ...pages, requireOrigin: true }, {}, '403'],
  ])('%s', async (_, rules, headers, answer) => {
    const { address } = await serving(rules);

    expect(await knock(address, ['zookeeper'], { headers })).toBe(answer);
  });

  it.each<[said: string, subprotocols: string[], answer: string]>([
    ['the token', ['zookeeper', 'corral.token.0123456789abcdef'], 'open'],
    ['another', ['zookeeper', 'corral.token.0123456789abcdeF'], '401'],
    ['a part of it', ['zookeeper', 'corral.token.0123456789abcde'], '401'],
    ['none', ['zookeeper'], '401'],
  ])('with a token: who says %s', async (_, subprotocols, answer) => {
    const { address } = await serving({ token: '0123456789abcdef' });

    expect(await knock(address, subprotocols)).toBe(answer);
  });

  it('a client that was told the token', async () => {
    const { address } = await serving({ token: '0123456789abcdef' });
    const page = await client(address, webSocket({ token: '0123456789abcdef' }));

    expect((await page.create('/a')).path).toBe('/a');
  });

  it('not more at a time than there may be', async () => {
    const { address } = await serving({ connectionsMax: 1 });
    const first = await standing(address);

    expect(await knock(address)).toMatch(/socket hang up|ECONNRESET|EPIPE/);
    first.terminate();
  });

  it('not who asks for anything but a WebSocket', async () => {
    const { address } = await serving();

    const answer = await fetch(`http://127.0.0.1:${address.port}/`);

    expect(answer.status).toBe(426);
  });
});

describe('who sends what nobody has asked for', () => {
  it.each<[what: string, send: (socket: WebSocket) => void, code: number]>([
    ['a text', (socket) => socket.send('ruok'), 1003],
    ['a message beyond the bound', (socket) => socket.send(new Uint8Array(2001)), 1009],
    [
      'a message beyond the bound, in fragments',
      (socket) => {
        for (let i = 0; i < 3; i++) socket.send(new Uint8Array(1000), { fin: false });
      },
      1009,
    ],
    [
      'a message in endless fragments',
      (socket) => {
        for (let i = 0; i < 1500; i++) socket.send(new Uint8Array(i % 2), { fin: false });
      },
      1008,
    ],
  ])('%s, is closed, and the others stay', async (_, send, code) => {
    const { address } = await serving({ messageMax: 2000 });
    const page = await client(address, webSocket());
    const hostile = await standing(address);

    send(hostile);

    expect((await once(hostile, 'close'))[0]).toBe(code);
    expect((await page.create('/still')).path).toBe('/still');
  });

  it('frames that are not masked, is closed', async () => {
    const { address } = await serving();
    const socket = connectSocket(address.port, '127.0.0.1');
    socket.write(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await once(socket, 'data');
    socket.resume();

    socket.write(Uint8Array.of(0x82, 4, 0x72, 0x75, 0x6f, 0x6b));

    await expect(once(socket, 'close')).resolves.toEqual([false]);
  });

  it('nothing at all, or a request that never ends, is gone after the time for it', async () => {
    const { address } = await serving({ handshakeTimeoutMs: 50 });
    const silent = connectSocket(address.port, '127.0.0.1');
    const slow = connectSocket(address.port, '127.0.0.1').resume();
    slow.write('GET / HTTP/1.1\r\nX-');

    const gone = Promise.all([once(silent.resume(), 'close'), once(slow, 'close')]);

    await expect(gone).resolves.toHaveLength(2);
  });

  it('a message in small fragments, is served', async () => {
    const { address } = await serving();
    const socket = await standing(address);
    const words = Buffer.from('ruok');

    for (let i = 0; i < 3; i++) socket.send(words.subarray(i, i + 1), { fin: false });
    socket.send(words.subarray(3));

    const [answer] = (await once(socket, 'message')) as [Buffer];
    expect(answer.toString()).toBe('imok');
  });

  it('no answer to a ping, is gone; who answers stays', async () => {
    const { address } = await serving({ pingIntervalMs: 100 });
    const page = await client(address, webSocket());
    const deaf = await standing(address, { autoPong: false });

    const [code] = await once(deaf, 'close');

    expect(code).toBe(1006);
    expect((await page.create('/still')).path).toBe('/still');
    expect(page.state).toBe('connected');
  });
});

describe('a connection that is paused until what it wrote is gone', () => {
  it('hears that the other side is gone, which has read nothing', async () => {
    const closed = Promise.withResolvers<TransportError | undefined>();
    const listener = await webSocketListening(usual).listen({ host: '127.0.0.1', port: 0 }, (connection) => {
      while (connection.write(new Uint8Array(1024 * 1024)));
      connection.pause();
      return { onData: () => {}, onDrain: () => {}, onClose: closed.resolve };
    });
    open.push(() => listener.close());
    const deaf = await standing(listener.address);

    deaf.pause();
    deaf.terminate();

    expect((await closed.promise)?.code).toBe('RESET');
  });
});

async function serving(
  rules: Partial<WebSocketListeningOptions> = {},
): Promise<{ server: Server; address: Address }> {
  const listening = webSocketListening({ ...usual, ...rules });
  let address: Address | undefined;
  const server = await startServer({
    config: { ...defaultServerConfig, clientPort: 0, clientPortAddress: '127.0.0.1' },
    runtime: nodeRuntime(),
    transport: tcp(),
    alsoListen: [
      {
        where: { host: '127.0.0.1', port: 0 },
        transport: {
          listen: async (where, accept) => {
            const listener = await listening.listen(where, accept);
            ({ address } = listener);
            return listener;
          },
        },
      },
    ],
    storage: await memoryStorage({}),
    logger: silentLogger,
    metrics: collectingMetrics(),
  });
  open.push(() => server.close());
  return { server, address: address! };
}

async function client({ port }: Address, transport: DialingTransport): Promise<Client> {
  const zk = createClient(`127.0.0.1:${port}`, { transport, clock: nodeClock, random: nodeRandom });
  open.push(() => zk.close());
  await zk.connected();
  return zk;
}

/** `open`, or the HTTP status, or what went wrong. */
async function knock(
  { port }: Address,
  subprotocols = ['zookeeper'],
  options: ClientOptions = {},
): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, subprotocols, options);
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on('open', () => resolve('open'));
  socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)));
  socket.on('error', (error) => resolve(error.message));
  const answer = await promise;
  socket.terminate();
  return answer;
}

async function standing({ port }: Address, options: ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, ['zookeeper'], options);
  socket.on('error', () => {});
  await once(socket, 'open');
  return socket;
}

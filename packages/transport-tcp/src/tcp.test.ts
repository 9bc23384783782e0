import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Address,
  type Connection,
  type ConnectionHandler,
  type Listener,
  TransportError,
} from '@corral/transport';
import { tcp } from './index.ts';

const index = new URL('index.ts', import.meta.url).href;

describe.each([
  ['with a shared read buffer', true],
  ['with the plain reads of Node', false],
])('TCP %s', (_, sharedReadBuffer) => {
  const transport = tcp({ sharedReadBuffer });
  const held: Socket[] = [];

  it('shows the IPv4 address of a caller that came to an IPv6 listener', async () => {
    const arrived = Promise.withResolvers<Connection>();
    const listener = await transport.listen({ host: '::', port: 0 }, (connection) => {
      arrived.resolve(connection);
      return ignore;
    });
    closeLater(listener);
    const socket = connect(listener.address.port, '127.0.0.1');
    const { remote, local } = await arrived.promise;
    expect(remote.host).toBe('127.0.0.1');
    expect(local).toEqual({ host: '127.0.0.1', port: listener.address.port });
    socket.destroy();
  });

  it('closes with RESET when the other side resets', async () => {
    const { socket, closed } = await foreignCaller();
    socket.resetAndDestroy();
    const error = await closed;
    expect(error).toBeInstanceOf(TransportError);
    expect(error?.code).toBe('RESET');
  });

  it('closes without an error when the other side resets after our end', async () => {
    const { socket, connection, closed } = await foreignCaller();
    connection.end();
    socket.resetAndDestroy();
    expect(await closed).toBeUndefined();
  });

  it('closes after end though the other side keeps its direction open', async () => {
    const { socket, connection, closed } = await foreignCaller({ allowHalfOpen: true });
    connection.write(Uint8Array.of(1, 2, 3));
    connection.end();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'end');
    expect(Buffer.concat(chunks)).toEqual(Buffer.of(1, 2, 3));
    expect(await closed).toBeUndefined();
    socket.destroy();
  });

  it('swallows what still comes after end, so that the last reply is not taken back by a reset', async () => {
    const { socket, connection, closed } = await foreignCaller();
    connection.pause();
    socket.write(new Uint8Array(16 * 1024 * 1024));
    connection.write(Uint8Array.of(1, 2, 3));
    connection.end();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [hadError] = await once(socket, 'close');
    expect(hadError).toBe(false);
    expect(Buffer.concat(chunks)).toEqual(Buffer.of(1, 2, 3));
    expect(await closed).toBeUndefined();
  });

  it('turns callers away while the system has no descriptor left, and goes on afterwards', async () => {
    const child = startChild(
      `const { tcp } = await import(${JSON.stringify(index)});
       const transport = tcp({ sharedReadBuffer: ${sharedReadBuffer} });
       const listener = await transport.listen({ host: '127.0.0.1', port: 0 }, (connection) => ({
         onData: (bytes) => connection.write(bytes.slice()), onDrain() {}, onClose() {},
       }));
       console.log(listener.address.port);`,
      'ulimit -n 64;',
    );
    const port = Number(await child.line());
    const echoed = await Promise.all(Array.from({ length: 100 }, () => isEchoed(port, held)));
    expect(echoed).toContain(true);
    expect(echoed).toContain(false);
    for (const socket of held.splice(0)) socket.destroy();
    // Its descriptors come back one by one: a caller that comes too early is still turned away.
    while (!(await isEchoed(port, held)));
    held.pop()?.destroy();
  });

  async function foreignCaller(options: { allowHalfOpen?: boolean } = {}): Promise<ForeignCaller> {
    const arrived = Promise.withResolvers<Connection>();
    const closed = Promise.withResolvers<TransportError | undefined>();
    const listener = await transport.listen({ host: '127.0.0.1', port: 0 }, (connection) => {
      arrived.resolve(connection);
      return { ...ignore, onClose: closed.resolve };
    });
    closeLater(listener);
    const socket = connect({ host: '127.0.0.1', port: listener.address.port, ...options });
    await once(socket, 'connect');
    return { socket, connection: await arrived.promise, closed: closed.promise };
  }
});

describe('a dial over TCP', () => {
  it('is given up with TIMEOUT when nobody answers in time', async () => {
    // Its process stands still and never accepts; when its backlog is full the system answers no more.
    const child = startChild(
      `const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
         require('node:fs').writeSync(1, server.address().port + '\\n');
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
       });`,
    );
    const port = Number(await child.line());
    const code = await dialUntilRefused({ host: '127.0.0.1', port });
    expect(code).toBe('TIMEOUT');
  });

  it('fails with NAME_NOT_FOUND for a name that nobody has', async () => {
    const dial = tcp().connect({ host: 'a..b', port: 1, timeoutMs: 10_000 }, () => ignore);
    await expect(dial).rejects.toMatchObject({ code: 'NAME_NOT_FOUND' });
  });

  it('resolves names', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, 'localhost');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const connection = await tcp().connect({ host: 'localhost', port, timeoutMs: 10_000 }, () => ignore);
    expect(connection.remote.port).toBe(port);
    connection.destroy();
    server.close();
  });
});

interface ForeignCaller {
  readonly socket: Socket;
  readonly connection: Connection;
  readonly closed: Promise<TransportError | undefined>;
}

const ignore: ConnectionHandler = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

/** Whether a byte comes back. The socket stays open, in `held`. */
function isEchoed(port: number, held: Socket[]): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.once('data', () => resolve(true)).once('close', () => resolve(false));
  socket.write('x');
  held.push(socket);
  return promise;
}

async function dialUntilRefused(address: Address): Promise<string> {
  for (let i = 0; i < 10; i++) {
    try {
      const connection = await tcp().connect({ ...address, timeoutMs: 200 }, () => ignore);
      onTestFinished(() => connection.destroy());
    } catch (error) {
      return (error as TransportError).code;
    }
  }
  return 'ten connections stand';
}

function closeLater(listener: Listener): void {
  onTestFinished(() => listener.close());
}

interface Child {
  readonly process: ChildProcess;
  /** What it prints next. */
  line(): Promise<string>;
}

function startChild(script: string, prelude = ''): Child {
  const run = `${prelude} exec "${process.execPath}" -e '${script.replaceAll("'", String.raw`'\''`)}'`;
  const child = spawn('sh', ['-c', run], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) (waiting.shift() ?? ((unread) => lines.push(unread)))(line);
  });
  return {
    process: child,
    line: async () => lines.shift() ?? new Promise((resolve) => waiting.push(resolve)),
  };
}

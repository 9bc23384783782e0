import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, type Server, startServer } from '@corral/server';
import { tcp } from '@corral/transport-tcp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SessionMessage, utf8, type ZkError } from '../index.ts';
import { connect, digestAcl } from './index.ts';

describe('connect, over TCP', () => {
  let server: Server;

  beforeAll(async () => {
    server = await startServer({
      config: { ...defaultServerConfig, clientPort: 0, clientPortAddress: '127.0.0.1' },
      runtime: nodeRuntime(),
      transport: tcp(),
      storage: await memoryStorage({}),
      logger: silentLogger,
      metrics: collectingMetrics(),
    });
  });

  afterAll(() => server.close());

  it('resolves with a client that a server has answered', async () => {
    await using zk = await connect(`127.0.0.1:${server.address.port}`);
    const paths = Array.from({ length: 2000 }, (_, i) => `/n${i}`);

    const created = await Promise.all(paths.map((path) => zk.create(path, path)));
    const read = await Promise.all(paths.map((path) => zk.get(path, utf8)));

    expect(created.map(({ path }) => path)).toEqual(paths);
    expect(read.map(({ data }) => data)).toEqual(paths);
  });

  it('goes with rights for a user and a password', async () => {
    await using zk = await connect(`127.0.0.1:${server.address.port}`);
    await zk.create('/anns', 'x', { acl: [digestAcl('ann', 'secret', 'r')] });

    await expect(zk.get('/anns')).rejects.toThrow('NOAUTH');
    await zk.addAuth('digest', 'ann:secret');
    await zk.addAuth('digest', 'ann:secret');

    expect((await zk.get('/anns', utf8)).data).toBe('x');
    await expect(zk.set('/anns', 'y')).rejects.toThrow('NOAUTH');
  });

  it('finds its servers by the SRV records of a name', async () => {
    const { port } = server.address;
    const asked: string[] = [];
    await using zk = await connect('srv+example.com', {
      lookUpService: async (name) => {
        asked.push(name);
        return [{ host: '127.0.0.1', port }];
      },
    });

    expect(zk.state).toBe('connected');
    expect(asked).toEqual(['_zookeeper._tcp.example.com']);
  });

  it('tells the diagnostics channels of its connect string what happens', async () => {
    const hosts = `127.0.0.1:${server.address.port}`;
    const states: string[] = [];
    const listener = (message: unknown): void => {
      const told = message as SessionMessage;
      if (told.hosts === hosts) states.push(told.state);
    };
    subscribe('zookeeper:session', listener);

    const zk = await connect(hosts);
    await zk.close();
    unsubscribe('zookeeper:session', listener);

    expect(states).toEqual(['connected', 'closed']);
  });

  it('rejects with all that was tried', async () => {
    const free = await tcp().listen({ host: '127.0.0.1', port: 0 }, () => {
      throw new Error('nobody is let in');
    });
    const { port } = free.address;
    await free.close();

    const failure = connect(`127.0.0.1:${port}`, { connectTimeout: 200 });

    await expect(failure).rejects.toMatchObject({
      name: 'ConnectionLossError',
      op: 'connect',
    } satisfies Partial<ZkError>);
    await expect(failure).rejects.toThrow(`127.0.0.1:${port} (REFUSED`);
  });

  it('rejects with the reason of its signal', async () => {
    const reason = new Error('enough');

    await expect(connect('127.0.0.1:1', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('a process that closes its client', () => {
  it.each([
    ['while a server takes the connection and says nothing', false],
    ['after it was answered', true],
  ])('ends by itself, %s', async (_, isServing) => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const serving = await startServer({
      config: { ...defaultServerConfig, clientPort: 0, clientPortAddress: '127.0.0.1' },
      runtime: nodeRuntime(),
      transport: tcp(),
      storage: await memoryStorage({}),
      logger: silentLogger,
      metrics: collectingMetrics(),
    });
    const port = isServing ? serving.address.port : (silent.address() as AddressInfo).port;
    const script = `
      const { connect } = await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)});
      const abort = new AbortController();
      const connecting = connect('127.0.0.1:${port}', { sessionTimeout: 2_000_000, signal: abort.signal });
      if (${isServing}) await (await connecting).close();
      else {
        await new Promise((resolve) => setTimeout(resolve, 50));
        abort.abort();
        await connecting.catch(() => {});
      }`;

    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number | null];

    expect(code).toBe(0);
    silent.close();
    await serving.close();
  });
});

import { memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, type Server, startServer } from '@corral/server';
import { tcp } from '@corral/transport-tcp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8, type ZkError } from '../index.ts';
import { connect } from './index.ts';

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

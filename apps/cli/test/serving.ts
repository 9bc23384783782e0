import { memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, type Server, startServer } from '@corral/server';
import { tcp } from '@corral/transport-tcp';

/** A server in this process, on a free port of loopback, with its data in memory. */
export async function serving(): Promise<{ server: Server; hosts: string }> {
  const server = await startServer({
    config: {
      ...defaultServerConfig,
      clientPort: 0,
      clientPortAddress: '127.0.0.1',
      extendedTypesEnabled: true,
      fourLetterWordWhitelist: ['*'],
    },
    runtime: nodeRuntime(),
    transport: tcp(),
    storage: await memoryStorage({}),
    logger: silentLogger,
    metrics: collectingMetrics(),
  });
  return { server, hosts: `127.0.0.1:${server.address.port}` };
}

import type { Storage } from '@corral/persistence';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, type Server, type ServerConfig, startServer } from '@corral/server';
import { tcp } from '@corral/transport-tcp';

/** A server as it runs in earnest, but for the port and the key of its passwords. */
export function serve(storage: Storage, config: Partial<ServerConfig>): Promise<Server> {
  return startServer({
    config: {
      ...defaultServerConfig,
      clientPortAddress: '127.0.0.1',
      clientPort: 0,
      maxClientCnxns: 0,
      ...config,
    },
    runtime: nodeRuntime(),
    transport: tcp(),
    storage,
    logger: silentLogger,
    metrics: collectingMetrics(),
    sessionPasswordKey: new Uint8Array(32).fill(1),
  });
}

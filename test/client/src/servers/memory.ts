import { memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeClock, nodeRandom, nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, startServer } from '@corral/server';
import { memoryNetwork } from '@corral/transport/memory';
import type { Provider } from './servers.ts';

/** A Corral server in this process, on a network and a disk in memory. */
export const corralInMemory: Provider = {
  title: 'Corral in memory',
  async start() {
    const network = memoryNetwork({ clock: nodeClock, random: nodeRandom });
    const server = await startServer({
      config: {
        ...defaultServerConfig,
        clientPort: 2181,
        tickTime: 500,
        extendedTypesEnabled: true,
        fourLetterWordWhitelist: ['*'],
      },
      runtime: nodeRuntime(),
      transport: network.transport('server'),
      storage: await memoryStorage({}),
      logger: silentLogger,
      metrics: collectingMetrics(),
    });
    return {
      hosts: ['server:2181'],
      world: { transport: network.transport('client'), clock: nodeClock, random: nodeRandom },
      [Symbol.asyncDispose]: () => server.close(),
    };
  },
};

import { collectingMetrics, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, type Server, type ServerConfig, startServer } from '@corral/server';
import { tcp } from '@corral/transport-tcp';
// @boundaries-ignore the raw client of the server's own specs serves here too; it is not packed
import { type HandshakeOptions, TestClient } from '../../../packages/server/test/test-client.ts';
import type { Store } from './stores.ts';

/** A server over a store, as it runs in earnest but for the port. */
export class House {
  readonly store: Store;
  server!: Server;
  readonly #all: Server[] = [];

  constructor(store: Store) {
    this.store = store;
  }

  async start(config: Partial<ServerConfig> = {}): Promise<Server> {
    const storage = await this.store.open();
    this.server = await startServer({
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
    this.#all.push(this.server);
    return this.server;
  }

  /** The server dies, and another comes up over what it left. */
  async cutAndRestart(config: Partial<ServerConfig> = {}): Promise<Server> {
    this.store.cut();
    return this.start(config);
  }

  async client(options: HandshakeOptions = {}): Promise<TestClient> {
    const client = await TestClient.dial(tcp(), this.server.address.port);
    await client.handshake(options);
    return client;
  }

  /** Ends everything, the dead included: they only think they are alive. */
  async dispose(): Promise<void> {
    await Promise.allSettled(this.#all.map((server) => server.close()));
    this.store.dispose();
  }
}

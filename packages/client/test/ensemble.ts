import { memoryStorage } from '@corral/persistence/memory';
import { QuorumConfig } from '@corral/protocol';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import {
  defaultEnsembleConfig,
  defaultServerConfig,
  type Server,
  type ServerConfig,
  startServer,
} from '@corral/server';
import { memoryNetwork, type MemoryNetwork } from '@corral/transport/memory';
import type { Client } from '../src/client.ts';
import { type ClientOptions, createClient } from '../src/create-client.ts';

/** Three members that elect whom they like, on hosts `s1` to `s3`, and clients, on one clock that is moved by hand. */
export class EnsembleWorld {
  readonly runtime: SimulatedRuntime;
  readonly network: MemoryNetwork;
  readonly servers = new Map<string, Server>();
  #clients = 0;

  constructor(seed: number) {
    this.runtime = new SimulatedRuntime({ seed });
    this.network = memoryNetwork({ clock: this.runtime.clock, random: this.runtime.random });
  }

  static async serving(config: Partial<ServerConfig> = {}, seed = 3): Promise<EnsembleWorld> {
    const world = new EnsembleWorld(seed);
    const quorum = QuorumConfig.parse(
      [1, 2, 3].map((sid) => `server.${sid}=s${sid}:2888:3888:participant;2181`).join('\n'),
    );
    for (const sid of [1, 2, 3]) await world.#start(sid, quorum, config);
    return world;
  }

  async #start(serverId: number, quorum: QuorumConfig, config: Partial<ServerConfig>): Promise<void> {
    const host = `s${serverId}`;
    const server = await this.run(
      startServer({
        config: {
          ...defaultServerConfig,
          serverId,
          clientPort: 2181,
          tickTime: 200,
          fourLetterWordWhitelist: ['*'],
          ...config,
          ensemble: {
            ...defaultEnsembleConfig,
            initLimit: 10,
            syncLimit: 5,
            lastSeenQuorum: undefined,
            readOnlyMode: true,
            quorum,
          },
        },
        runtime: this.runtime,
        transport: this.network.transport(host),
        storage: await memoryStorage({}),
        logger: silentLogger,
        metrics: collectingMetrics(),
        sessionPasswordKey: new Uint8Array(32).fill(7),
      }),
    );
    this.servers.set(host, server);
  }

  async client(options: ClientOptions = {}, hosts = 's1:2181,s2:2181,s3:2181'): Promise<Client> {
    const { clock, random } = this.runtime;
    const transport = this.network.transport(`client-${++this.#clients}`);
    const client = createClient(hosts, { transport, clock, random }, { connectTimeout: 60_000, ...options });
    await this.run(client.connected());
    return client;
  }

  get leader(): string {
    for (const [host, { view }] of this.servers) if (view.mode === 'leader') return host;
    throw new Error('nobody leads');
  }

  get hosts(): string[] {
    return [...this.servers.keys()];
  }

  run<T>(promise: Promise<T>): Promise<T> {
    return this.runtime.clock.until(promise);
  }

  async pass(ms: number): Promise<void> {
    await this.runtime.clock.advanceAsync(ms);
  }

  /** Cuts a client off from one server: nothing passes, and what stood is reset. */
  separate(client: string, server: string): void {
    this.network.partition(client, server);
    this.network.reset(client, server);
  }
}

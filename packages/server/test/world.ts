import type { Storage } from '@corral/persistence';
import { MemoryMedium, memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, type LogFields, type Logger, type LogLevel } from '@corral/runtime';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import { memoryNetwork, type MemoryNetwork } from '@corral/transport/memory';
import { defaultServerConfig, type ServerConfig } from '../src/config.ts';
import type { Server, ServerOptions } from '../src/server.ts';
import { startServer } from '../src/start-server.ts';
import { type HandshakeOptions, TestClient } from './test-client.ts';

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** One server and its clients on a clock that is moved by hand: over memory, and the same every time. */
export class World {
  readonly runtime: SimulatedRuntime;
  readonly network: MemoryNetwork;
  readonly medium: MemoryMedium = new MemoryMedium();
  readonly log: LogLine[] = [];
  readonly metrics = collectingMetrics();
  server!: Server;
  storage!: Storage;
  #clients = 0;

  constructor(seed = 1) {
    this.runtime = new SimulatedRuntime({ seed });
    this.network = memoryNetwork({ clock: this.runtime.clock, random: this.runtime.random });
  }

  static async serving(
    config: Partial<ServerConfig> = {},
    options: Partial<ServerOptions> = {},
  ): Promise<World> {
    const world = new World();
    await world.start(config, options);
    return world;
  }

  /** Starts a server over what the medium holds. */
  async start(config: Partial<ServerConfig> = {}, options: Partial<ServerOptions> = {}): Promise<Server> {
    const storage = (this.storage = await memoryStorage({ medium: this.medium }));
    this.server = await this.run(
      startServer({
        config: { ...defaultServerConfig, clientPort: 2181, ...config },
        runtime: this.runtime,
        transport: this.network.transport('server'),
        storage,
        logger: recordingLogger(this.log),
        metrics: this.metrics,
        sessionPasswordKey: new Uint8Array(32).fill(7),
        ...options,
      }),
    );
    return this.server;
  }

  /** The process dies, and another is started over what was durable. */
  async crashAndRestart(
    config: Partial<ServerConfig> = {},
    options: Partial<ServerOptions> = {},
  ): Promise<Server> {
    this.network.cutPower('server');
    this.medium.crash();
    return this.start(config, options);
  }

  /** Lets the clock go on until `promise` has settled. */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.runtime.clock.until(promise);
  }

  async pass(ms: number): Promise<void> {
    await this.runtime.clock.advanceAsync(ms);
  }

  /** A connection that has not said anything yet. */
  async dial(options: { framed?: boolean; from?: string } = {}): Promise<TestClient> {
    const from = options.from ?? `client-${++this.#clients}`;
    return this.run(
      TestClient.dial(this.network.transport(from), this.server.address.port, { host: 'server', ...options }),
    );
  }

  /** A connection with a session. */
  async client(options: HandshakeOptions & { from?: string } = {}): Promise<TestClient> {
    const client = await this.dial(options);
    await this.run(client.handshake(options));
    return client;
  }

  /** Holds every sync until it is told to go on. */
  holdSyncs(): { release(): void } {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    this.medium.beforeSync = () => held;
    return {
      release: () => {
        this.medium.beforeSync = () => {};
        release();
      },
    };
  }

  lines(message: string): LogLine[] {
    return this.log.filter((line) => line.message.includes(message));
  }
}

function recordingLogger(lines: LogLine[], fixed: LogFields = {}): Logger {
  const at =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void =>
      void lines.push({ level, message, fields: { ...fixed, ...fields } });
  return {
    isEnabled: () => true,
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => recordingLogger(lines, { ...fixed, ...fields }),
  };
}

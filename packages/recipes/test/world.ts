import { MemoryMedium, memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import { defaultServerConfig, type Server, type ServerConfig, startServer } from '@corral/server';
import { memoryNetwork, type MemoryNetwork, type NetworkFaults } from '@corral/transport/memory';
import { type Client, type ClientOptions, createClient } from '@corral/client';

/**
 * Servers, each standing for itself, and clients on a clock that is moved by hand: the same every time. The specs of `client` have its
 * twin: what both could have it from, @corral/testing, is built on the client, whose own specs would stand on it in a circle.
 */
export class World {
  readonly runtime: SimulatedRuntime;
  readonly network: MemoryNetwork;
  readonly medium: MemoryMedium = new MemoryMedium();
  server!: Server;
  #clients = 0;

  constructor(seed = 1, faults: NetworkFaults = {}) {
    this.runtime = new SimulatedRuntime({ seed });
    this.network = memoryNetwork({ clock: this.runtime.clock, random: this.runtime.random, faults });
  }

  static async serving(config: Partial<ServerConfig> = {}): Promise<World> {
    const world = new World();
    await world.start(config);
    return world;
  }

  /** Starts the server over what its medium holds. */
  async start(config: Partial<ServerConfig> = {}): Promise<void> {
    const storage = await memoryStorage({ medium: this.medium });
    this.server = await this.run(
      startServer({
        config: { ...defaultServerConfig, clientPort: 2181, ...config },
        runtime: this.runtime,
        transport: this.network.transport('server'),
        storage,
        logger: silentLogger,
        metrics: collectingMetrics(),
        sessionPasswordKey: new Uint8Array(32).fill(7),
      }),
    );
  }

  /** The process of the server dies without a word. */
  crash(): void {
    this.network.cutPower('server');
    this.medium.crash();
  }

  /** A client on a host of its own; it may not be connected yet. */
  open(options: ClientOptions = {}, hosts = 'server:2181'): Client {
    const { clock, random } = this.runtime;
    const transport = this.network.transport(`client-${++this.#clients}`);
    return createClient(hosts, { transport, clock, random }, options);
  }

  async client(options: ClientOptions = {}, hosts?: string): Promise<Client> {
    const client = this.open(options, hosts);
    await this.run(client.connected());
    return client;
  }

  /** Lets the clock go on until `promise` has settled. */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.runtime.clock.until(promise);
  }

  /** The same, of a promise that is to be rejected: with what. */
  async failure(promise: Promise<unknown>): Promise<Error> {
    return this.run(this.caught(promise));
  }

  /** With what it is rejected, whenever that is; the clock is moved by others. */
  async caught(promise: Promise<unknown>): Promise<Error> {
    try {
      await promise;
    } catch (error) {
      return error as Error;
    }
    throw new Error('it was expected to fail');
  }

  /** Strikes again and again until the work is over; settles as it does. */
  async strikeUntil<T>(work: Promise<T>, strike: () => Promise<void>): Promise<T> {
    const watch = { isOver: false };
    const end = (): void => void (watch.isOver = true);
    work.then(end, end);
    while (!watch.isOver) await strike();
    return this.run(work);
  }

  async pass(ms: number): Promise<void> {
    await this.runtime.clock.advanceAsync(ms);
  }

  /** Every connection of the client that was opened as number `index` ends at once. */
  cut(index = 1): void {
    this.network.reset(`client-${index}`, 'server');
  }
}

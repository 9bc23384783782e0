/// <reference lib="esnext.disposable" preserve="true" />
import type { Client, ClientOptions, ClientWorld } from '@corral/client';
import type { LearnerType, QuorumConfig } from '@corral/protocol';
import { collectingMetrics } from '@corral/runtime';
import {
  defaultEnsembleConfig,
  defaultServerConfig,
  type EnsembleConfig,
  type Server,
  type ServerConfig,
  type ServerView,
  startServer,
} from '@corral/server';
import type { Transport } from '@corral/transport';
import { Door } from './door.ts';
import { BACK_DOOR_PORT, backDoorHost, memberHost } from './host-names.ts';
import { ServerProcess } from './server-process.ts';
import { type SessionHolder, sessionsOf } from './session-holder.ts';
import type { TestDisk } from './test-disk.ts';
import type { TestNet } from './test-net.ts';

/** What its files say, where that is not what all test servers are told. */
export interface TestServerConfig {
  readonly config?: Partial<ServerConfig> | undefined;
  readonly ensemble?: Partial<EnsembleConfig> | undefined;
}

/**
 * A server of ZooKeeper's protocol in the process of the test, whose clients, time and network do as the test says. Its
 * address is the same for as long as it is not closed, whatever happens to it.
 */
export class TestServer implements AsyncDisposable {
  /** 1 for a server that stands alone. */
  readonly sid: number;
  /** Which role it serves in; undefined while it serves nobody. */
  role: 'standalone' | 'leader' | 'follower' | 'observer' | undefined = undefined;
  /** Of the term it serves in; undefined while it serves nobody, and for a server that stands alone. */
  epoch: number | undefined = undefined;
  readonly #net: TestNet;
  readonly #disk: TestDisk;
  readonly #door: Door;
  readonly #host: string;
  readonly #told: TestServerConfig;
  readonly #clients: Client[] = [];
  #quorum: QuorumConfig | undefined = undefined;
  #lastSeenQuorum: QuorumConfig | undefined = undefined;
  #process: ServerProcess | undefined = undefined;
  #server: Server | undefined = undefined;

  private constructor(sid: number, net: TestNet, told: TestServerConfig, door: Door, host: string) {
    this.sid = sid;
    this.#net = net;
    this.#told = told;
    this.#disk = net.world.disk(sid);
    this.#door = door;
    this.#host = host;
  }

  /** Its door is open, and it is down. */
  static async prepare(sid: number, net: TestNet, told: TestServerConfig): Promise<TestServer> {
    const door = new Door(net.world.runtime.clock, net.expiring);
    const { transport, where, host } = net.world.door(sid);
    await net.run(door.open(transport, where));
    net.world.network.transport(memberHost(sid)); // its name is known before it is up
    return new TestServer(sid, net, told, door, host);
  }

  /** `host:port`, as clients in any process and language take it. */
  get connectString(): string {
    return `${this.#host}:${this.#door.address.port}`;
  }

  /** Its line in the configuration of an ensemble (`server.N=`). */
  serverLine(type: LearnerType): string {
    return `server.${this.sid}=${memberHost(this.sid)}:2888:3888:${type};${this.connectString}`;
  }

  get isUp(): boolean {
    return this.#process !== undefined;
  }

  get isPaused(): boolean {
    return this.#process?.isPaused === true;
  }

  /** What four-letter words and metrics show of it: who is connected, which sessions and watches there are. @throws Error while it is down */
  get view(): ServerView {
    if (this.#server === undefined) throw new Error(`server ${this.sid} is down`);
    return this.#server.view;
  }

  /** Waits for something; lets the time go on meanwhile where it is virtual. Rejects where that takes more than a virtual hour. */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.#net.run(promise);
  }

  /** Lets so many milliseconds pass. */
  pass(ms: number): Promise<void> {
    return this.#net.pass(ms);
  }

  /** What `createClient(connectString, world)` needs in this process. */
  get clientWorld(): ClientWorld {
    return this.#net.clientWorld;
  }

  /** A client that a server has answered. It is closed with the server, if it was not before. Rejects as `connect` does. */
  client(options: ClientOptions = {}): Promise<Client> {
    return this.#net.client(this.connectString, options, this.#clients);
  }

  /**
   * Ends a session as if nothing had been heard of its client for its timeout: its ephemeral nodes go, its connection is
   * closed, and its client is told when it comes again. Rejects with a `RangeError` where there is no such session, with a
   * `ConnectionLossError` while the server is down or paused.
   */
  expireSession(who: SessionHolder): Promise<void> {
    return this.#net.expireSession(who, backDoorHost(this.sid));
  }

  /** Breaks the connections of those clients, of all where none is named; sessions live on. @returns how many there were */
  dropConnections(...who: readonly SessionHolder[]): number {
    return this.#door.cut(sessionsOf(who));
  }

  /**
   * Nothing passes between the server and those clients, all where none is named, until `heal`: requests, answers, new
   * connections and the ends of old ones wait. Sessions whose clients are not heard expire. A client that gives its session up
   * and asks for a new one is let in, unless nobody is.
   */
  partition(...who: readonly SessionHolder[]): void {
    this.#door.partition(sessionsOf(who));
  }

  /** Everything passes that waited, and from now on. */
  heal(): void {
    this.#door.heal();
  }

  /** The process, if it is up, stands still, as in a long collection of garbage. Its sessions do not expire for that. */
  pause(): void {
    if (this.#process === undefined) return;
    this.#process.pause();
    this.#door.pause();
    for (const host of this.#hosts) this.#net.world.network.stall(host);
  }

  /** It goes on: first with the timers that fell due, then with what has arrived. */
  resume(): void {
    for (const host of this.#hosts) this.#net.world.network.unstall(host);
    this.#process?.resume();
    this.#door.resume();
  }

  /** Ends it in order: what it has taken is answered, sessions live on. It is paused no more. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.resume();
    this.#server = undefined;
    await this.#net.run(server.close());
    this.#end();
  }

  /** The process dies at once and says nothing to anybody. What was acknowledged is on its disk. */
  async crash(): Promise<void> {
    this.#server = undefined;
    this.#end();
    await this.#net.run(this.#disk.crash());
  }

  /**
   * Starts it, over what its disk has. A member of an ensemble serves when it has found a leader: see `settled` of the ensemble.
   * Rejects with a `PersistenceError` where its disk cannot be read.
   */
  async start(): Promise<void> {
    if (this.isUp) return;
    const { runtime, network } = this.#net.world;
    const process = new ServerProcess(runtime.clock);
    this.#process = process;
    const back = network.transport(backDoorHost(this.sid));
    const peers = network.transport(memberHost(this.sid));
    const transport: Transport = {
      listen: async (options, accept) => {
        if (process.isOver) return never();
        if (options.host === memberHost(this.sid)) return peers.listen(options, accept);
        const behind = await back.listen({ host: backDoorHost(this.sid), port: BACK_DOOR_PORT }, accept);
        const door = this.#door.enter(accept);
        return {
          address: door.address,
          close: async () => {
            await behind.close();
            await door.close();
          },
        };
      },
      connect: (options, open) => (process.isOver ? never() : peers.connect(options, open)),
    };
    try {
      const server = await this.#net.run(this.#boot(process, transport));
      if (process.isOver) return;
      this.#server = server;
      if (this.#quorumNow === undefined) this.role = 'standalone';
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** Stops and starts it again, over the same disk and at the same address. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends it at once, with the clients it has made, and closes its port. */
  async close(): Promise<void> {
    this.heal();
    this.resume();
    // They say goodbye while there is somebody who answers.
    await this.#net.close(this.#clients);
    await this.crash();
    await this.#net.run(this.#door.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #boot(process: ServerProcess, transport: Transport): Promise<Server> {
    const { runtime } = this.#net.world;
    const storage = await this.#disk.open();
    return startServer({
      config: this.#config(),
      runtime: { clock: process.clock, random: runtime.random, digests: runtime.digests },
      transport,
      storage,
      logger: this.#net.logger.child({ sid: this.sid }),
      metrics: collectingMetrics(),
      sessionPasswordKey: this.#net.passwordKey,
      configStore: {
        proposed: (quorum) => {
          if (!process.isOver) this.#lastSeenQuorum = quorum;
        },
        activated: (quorum, newestVersion) => {
          if (process.isOver) return;
          this.#quorum = quorum;
          if (newestVersion === quorum.version) this.#lastSeenQuorum = undefined;
        },
      },
      probe: {
        looking: () => this.#serves(process, undefined, undefined),
        serving: (role, epoch) => this.#serves(process, role, epoch),
        proposed: nothing,
        acknowledged: nothing,
        committed: nothing,
        synchronised: nothing,
      },
    });
  }

  #config(): ServerConfig {
    const { host, port } = this.#door.address;
    const quorum = this.#quorumNow;
    return {
      ...defaultServerConfig,
      ...forTests,
      clientPortAddress: host,
      clientPort: port,
      ...this.#told.config,
      ...(quorum !== undefined && {
        serverId: this.sid,
        ensemble: {
          ...defaultEnsembleConfig,
          ...ensembleForTests,
          ...this.#told.ensemble,
          quorum,
          lastSeenQuorum: this.#lastSeenQuorum,
        },
      }),
    };
  }

  get #quorumNow(): QuorumConfig | undefined {
    return this.#quorum ?? this.#net.quorum;
  }

  #serves(process: ServerProcess, role: TestServer['role'], epoch: number | undefined): void {
    if (process.isOver) return;
    this.role = role;
    this.epoch = epoch;
    this.#net.rolesChanged();
  }

  /** Nothing of the process that was is heard any more. */
  #end(): void {
    this.#process?.end();
    this.#process = undefined;
    this.role = this.epoch = undefined;
    this.#door.leave();
    this.#door.resume();
    const { network } = this.#net.world;
    // The system that goes on closes the connections of a process that has died, as far as others hear of it.
    for (const other of this.#quorumNow?.servers.keys() ?? [])
      if (other !== this.sid && !this.#net.areApart(this.sid, other))
        network.reset(memberHost(this.sid), memberHost(other));
    for (const host of this.#hosts) {
      network.cutPower(host);
      network.unstall(host);
    }
    this.#net.rolesChanged();
  }

  get #hosts(): readonly string[] {
    return [memberHost(this.sid), backDoorHost(this.sid)];
  }
}

/** Short ticks, so that sessions of half a second can be had; any timeout up to an hour; all clients come from one address. */
const forTests: Partial<ServerConfig> = {
  tickTime: 100,
  minSessionTimeout: 200,
  maxSessionTimeout: 3_600_000,
  maxClientCnxns: 0,
  fourLetterWordWhitelist: ['*'],
  extendedTypesEnabled: true,
};

/** In ticks: as patient as a busy machine needs, and members still notice within two seconds that one is cut off. */
const ensembleForTests = { initLimit: 100, syncLimit: 20 };

function never(): Promise<never> {
  return new Promise(() => {});
}

function nothing(): void {}

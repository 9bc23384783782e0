/// <reference lib="esnext.disposable" preserve="true" />
import type { Client, ClientOptions, ClientWorld } from '@corral/client';
import { type SessionHolder, sessionOf } from './session-holder.ts';
import { backDoorHost, memberHost } from './host-names.ts';
import type { TestNet } from './test-net.ts';
import { TestServer, type TestServerConfig } from './test-server.ts';

/** An ensemble in the process of the test. Its members are test servers, and each does by itself what a test server does. */
export class TestEnsemble implements AsyncDisposable {
  /** In the order of their numbers, which begin with 1. */
  readonly servers: readonly TestServer[];
  readonly #net: TestNet;
  readonly #clients: Client[] = [];

  private constructor(net: TestNet, servers: readonly TestServer[]) {
    this.#net = net;
    this.servers = servers;
  }

  /** All doors are open, and everybody is down. */
  static async prepare(sids: readonly number[], net: TestNet, told: TestServerConfig): Promise<TestEnsemble> {
    const servers: TestServer[] = [];
    for (const sid of sids) servers.push(await TestServer.prepare(sid, net, told));
    return new TestEnsemble(net, servers);
  }

  /** @throws RangeError where there is none of that number */
  server(sid: number): TestServer {
    const server = this.servers[sid - 1];
    if (server === undefined) throw new RangeError(`server ${sid}: there are ${this.servers.length}`);
    return server;
  }

  /** All of them, as clients in any process and language take it. */
  get connectString(): string {
    return this.servers.map(({ connectString }) => connectString).join();
  }

  /** Who leads and serves: of two, the newer, for the other has not noticed yet that nobody follows it. */
  get leader(): TestServer | undefined {
    return this.servers
      .filter(({ role }) => role === 'leader')
      .reduce<TestServer | undefined>(
        (newest, one) => (newest === undefined || one.epoch! > newest.epoch! ? one : newest),
        undefined,
      );
  }

  /** @see TestServer.clientWorld */
  get clientWorld(): ClientWorld {
    return this.#net.clientWorld;
  }

  /** A client that may go to any server. @see TestServer.client */
  client(options: ClientOptions = {}): Promise<Client> {
    const patient = { connectTimeout: CONNECT_TIMEOUT_MS, ...options };
    return this.#net.client(this.connectString, patient, this.#clients);
  }

  /** Starts those that are down, all where none is named, and waits until they serve. @returns who leads */
  async start(...sids: readonly number[]): Promise<TestServer> {
    await Promise.all(this.#of(sids).map((server) => server.start()));
    return this.settled(...sids);
  }

  /**
   * Waits until those servers serve in one epoch, with one of them leading; all that are up and not paused where none is named. That never
   * happens where no quorum reaches each other.
   *
   * @returns who leads
   */
  async settled(...sids: readonly number[]): Promise<TestServer> {
    const servers =
      sids.length > 0 ? this.#of(sids) : this.servers.filter(({ isUp, isPaused }) => isUp && !isPaused);
    const leader = (): TestServer | undefined => servers.find(({ role }) => role === 'leader');
    await this.#net.untilRoles(() => {
      const epoch = leader()?.epoch;
      return epoch !== undefined && servers.every((server) => server.epoch === epoch);
    });
    return leader()!;
  }

  /**
   * Members of different groups do not reach each other; those in no group are one more together. Clients reach everybody.
   * Replaces an earlier partition of the ensemble.
   */
  partition(...groups: readonly (readonly number[])[]): void {
    for (const sid of groups.flat()) this.server(sid);
    this.#part(groups);
  }

  /** Nothing passes between those clients and any server. */
  isolate(...who: readonly [SessionHolder, ...SessionHolder[]]): void {
    for (const server of this.servers) server.partition(...who);
  }

  /** Everybody reaches everybody: ends partitions of the ensemble, and those of each server and its clients. */
  heal(): void {
    this.#part([]);
    for (const server of this.servers) server.heal();
  }

  /** @see TestServer.expireSession */
  async expireSession(who: SessionHolder): Promise<void> {
    sessionOf(who);
    const server = this.servers.find(({ role, isPaused }) => role !== undefined && !isPaused);
    if (server === undefined) throw new Error('no server serves');
    await this.#net.expireSession(who, backDoorHost(server.sid));
  }

  /** @see TestServer.dropConnections */
  dropConnections(...who: readonly SessionHolder[]): number {
    let count = 0;
    for (const server of this.servers) count += server.dropConnections(...who);
    return count;
  }

  /** @see TestServer.run */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.#net.run(promise);
  }

  /** @see TestServer.pass */
  pass(ms: number): Promise<void> {
    return this.#net.pass(ms);
  }

  /** Ends everybody at once, with the clients it has made, and closes their ports. */
  async close(): Promise<void> {
    this.heal();
    for (const server of this.servers) server.resume();
    await this.#net.close(this.#clients);
    for (const server of this.servers) await server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #part(groups: readonly (readonly number[])[]): void {
    const { network } = this.#net.world;
    this.#net.groups = groups;
    network.heal();
    for (const { sid: one } of this.servers)
      for (const { sid: other } of this.servers)
        if (one < other && this.#net.areApart(one, other))
          network.partition(memberHost(one), memberHost(other));
  }

  #of(sids: readonly number[]): readonly TestServer[] {
    return sids.length > 0 ? sids.map((sid) => this.server(sid)) : this.servers;
  }
}

/** For servers that take a while to elect. */
const CONNECT_TIMEOUT_MS = 30_000;

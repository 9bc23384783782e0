import {
  type Client,
  type ClientOptions,
  type ClientWorld,
  createClient,
  SessionExpiredError,
} from '@corral/client';
import type { QuorumConfig } from '@corral/protocol';
import { type Logger, silentLogger } from '@corral/runtime';
import { apachePassword, keyedPassword } from '@corral/session';
import { BACK_DOOR_PORT } from './host-names.ts';
import { type SessionHolder, sessionOf } from './session-holder.ts';
import type { TestWorld } from './test-world.ts';

export interface TestNetOptions {
  readonly world: TestWorld;
  readonly logger?: Logger | undefined;
  readonly hasApachePasswords: boolean;
}

/** What the servers of one test have in common: their clients, their sessions, their time. */
export class TestNet {
  readonly world: TestWorld;
  /** Of the members, once their ports are known; none for a server that stands alone. */
  quorum: QuorumConfig | undefined = undefined;
  readonly logger: Logger;
  readonly passwordKey: Uint8Array;
  /** Members in different ones do not reach each other; those in none are one more. */
  groups: readonly (readonly number[])[] = [];
  /** Sessions that are being ended. */
  readonly expiring: Set<bigint> = new Set();
  readonly #hasApachePasswords: boolean;
  readonly #roleWatchers: Set<() => void> = new Set();

  constructor(options: TestNetOptions) {
    this.world = options.world;
    this.logger = options.logger ?? silentLogger;
    this.#hasApachePasswords = options.hasApachePasswords;
    this.passwordKey = this.world.runtime.random.bytes(32);
  }

  get clientWorld(): ClientWorld {
    const { clock, random } = this.world.runtime;
    return { transport: this.world.clientTransport, clock, random };
  }

  areApart(one: number, other: number): boolean {
    return this.#groupOf(one) !== this.#groupOf(other);
  }

  /** Waits; where the time is virtual, lets it go on meanwhile. */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.world.virtualClock?.until(promise) ?? promise;
  }

  async pass(ms: number): Promise<void> {
    const { virtualClock, runtime } = this.world;
    if (virtualClock !== undefined) return virtualClock.advanceAsync(ms);
    await new Promise<void>((resolve) => void runtime.clock.after(ms, resolve));
  }

  /** One of `clients` from now on, which are closed together. */
  async client(connectString: string, options: ClientOptions, clients: Client[]): Promise<Client> {
    const client = createClient(connectString, this.clientWorld, options);
    clients.push(client);
    await this.run(client.connected());
    return client;
  }

  async close(clients: Client[]): Promise<void> {
    await this.run(Promise.all(clients.splice(0).map((client) => client.close())));
  }

  /** Takes the session over behind the back of its client, who is kept out meanwhile, and closes it. */
  async expireSession(who: SessionHolder, host: string): Promise<void> {
    const id = sessionOf(who);
    const { clock, random } = this.world.runtime;
    const transport = this.world.network.transport('test');
    const session = { id, password: this.#passwordOf(id) };
    this.expiring.add(id);
    const taker = createClient(`${host}:${BACK_DOOR_PORT}`, { transport, clock, random }, { session });
    try {
      await this.run(taker.connected());
    } catch (error) {
      if (!(error instanceof SessionExpiredError)) throw error;
      throw new RangeError(`there is no session 0x${BigInt.asUintN(64, id).toString(16)}`, { cause: error });
    } finally {
      await this.run(taker.close());
      this.expiring.delete(id);
    }
  }

  /** Resolves when this holds of the roles of the servers. */
  async untilRoles(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await this.run(
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!holds()) return;
          this.#roleWatchers.delete(look);
          resolve();
        };
        this.#roleWatchers.add(look);
      }),
    );
  }

  rolesChanged(): void {
    for (const look of this.#roleWatchers) look();
  }

  #groupOf(sid: number): number {
    return this.groups.findIndex((group) => group.includes(sid));
  }

  #passwordOf(id: bigint): Uint8Array {
    if (this.#hasApachePasswords) return apachePassword(id);
    const { digests } = this.world.runtime;
    return keyedPassword(id, this.passwordKey, (key, bytes) => digests.hmac('sha256', key, bytes));
  }
}

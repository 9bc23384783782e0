import type { Clock } from '@corral/runtime';
import type {
  Address,
  Connection,
  ConnectionHandler,
  Listener,
  ListenOptions,
  Transport,
} from '@corral/transport';
import { Guest, type Host } from './guest.ts';

type Accept = (connection: Connection) => ConnectionHandler;

/**
 * Where clients come in to one server. It stays open over the lives of the server, so that the address is the same in all
 * of them, and stands where nothing passes when the network is to be broken.
 */
export class Door implements Host {
  readonly clock: Clock;
  readonly #guests: Set<Guest> = new Set();
  readonly #cutOff: Set<bigint> = new Set();
  readonly #expiring: ReadonlySet<bigint>;
  #listener: Listener | undefined = undefined;
  #accept: Accept | undefined = undefined;
  #isPartitioned = false;
  #isPaused = false;

  /** @param expiring sessions that are being ended: their clients do not come in between */
  constructor(clock: Clock, expiring: ReadonlySet<bigint>) {
    this.clock = clock;
    this.#expiring = expiring;
  }

  async open(transport: Transport, where: ListenOptions): Promise<void> {
    this.#listener = await transport.listen(where, (connection) => {
      // There is nobody in the house, as for a port that is closed.
      if (this.#accept === undefined) throw new Error('the server is down');
      const guest = new Guest(connection, this);
      this.#guests.add(guest);
      return guest;
    });
  }

  get address(): Address {
    return this.#listener!.address;
  }

  /** A server moves in. Its listener is that of one life. */
  enter(accept: Accept): Listener {
    this.#accept = accept;
    return {
      address: this.address,
      close: async () => {
        if (this.#accept === accept) this.#accept = undefined;
      },
    };
  }

  /** The server is gone: nobody is told anything any more. */
  leave(): void {
    this.#accept = undefined;
    for (const guest of this.#guests) guest.abandon();
  }

  /** Nothing passes from or to those sessions; from or to nobody where none is named. */
  partition(sessions: readonly bigint[]): void {
    if (sessions.length === 0) this.#isPartitioned = true;
    for (const session of sessions) this.#cutOff.add(session);
    this.review();
  }

  heal(): void {
    this.#isPartitioned = false;
    this.#cutOff.clear();
    this.review();
  }

  pause(): void {
    this.#isPaused = true;
    this.review();
  }

  resume(): void {
    this.#isPaused = false;
    this.review();
  }

  review(): void {
    for (const guest of this.#guests) guest.review();
  }

  /** Breaks the connections of those sessions, all where none is named. @returns how many */
  cut(sessions: readonly bigint[]): number {
    let count = 0;
    for (const guest of this.#guests) {
      if (sessions.length > 0 && !sessions.includes(guest.session)) continue;
      guest.cut();
      count++;
    }
    return count;
  }

  async close(): Promise<void> {
    this.heal();
    this.resume();
    this.leave();
    for (const guest of this.#guests) guest.cut();
    await this.#listener?.close();
  }

  holds(session: bigint): boolean {
    return this.#isPaused || this.#isPartitioned || this.#cutOff.has(session) || this.#expiring.has(session);
  }

  admit(guest: Connection): ConnectionHandler {
    if (this.#accept === undefined) throw new Error('the server is down');
    return this.#accept(guest);
  }

  forget(guest: Guest): void {
    this.#guests.delete(guest);
  }
}

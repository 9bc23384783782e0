import type { HostAndPort } from '@corral/protocol';
import type { Clock, Timer } from '@corral/runtime';
import type { DialingTransport } from '@corral/transport';
import { Cancellation } from './abort-signal.ts';
import { askForWord } from './four-letter-word.ts';
import type { ServerList } from './server-list.ts';

/** Asks one server after another whether it serves writes (`isro`), while ours does not (ClientCnxn.pingRwServer). */
export class BetterServerSearch {
  readonly #transport: DialingTransport;
  readonly #clock: Clock;
  readonly #servers: ServerList;
  #timer: Timer | undefined = undefined;
  #search: Cancellation | undefined = undefined;

  constructor(transport: DialingTransport, clock: Clock, servers: ServerList) {
    this.#transport = transport;
    this.#clock = clock;
    this.#servers = servers;
  }

  /** @param onFound the next dial goes there */
  begin(onFound: () => void): void {
    this.stop();
    const search = (this.#search = new Cancellation());
    this.#askAfter(SEARCH_MIN_MS, search, onFound);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#search?.abort(new Error('no other server is looked for any more'));
    this.#search = undefined;
  }

  #askAfter(afterMs: number, search: Cancellation, onFound: () => void): void {
    this.#timer = this.#clock.after(afterMs, () => void this.#ask(afterMs, search, onFound));
  }

  async #ask(afterMs: number, search: Cancellation, onFound: () => void): Promise<void> {
    const server = this.#servers.next();
    const isBetter = await this.#servesWrites(server, search);
    if (search.aborted) return;
    if (!isBetter) return this.#askAfter(Math.min(SEARCH_MAX_MS, afterMs * 2), search, onFound);
    this.#servers.prefer(server);
    onFound();
  }

  async #servesWrites(server: HostAndPort, search: Cancellation): Promise<boolean> {
    try {
      const answer = await askForWord(
        this.#transport,
        this.#clock,
        server,
        'isro',
        SEARCH_TIMEOUT_MS,
        search,
      );
      return answer.trim() === 'rw';
    } catch {
      return false;
    }
  }
}

/** ClientCnxn: 100 ms, doubling to a minute. */
const SEARCH_MIN_MS = 100;
const SEARCH_MAX_MS = 60_000;
const SEARCH_TIMEOUT_MS = 2000;

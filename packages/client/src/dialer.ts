import { formatHostAndPort, type HostAndPort } from '@corral/protocol';
import type { Clock, Timer } from '@corral/runtime';
import type { Connection, ConnectionHandler, DialingTransport } from '@corral/transport';
import { Cancellation } from './abort-signal.ts';
import type { Observer } from './observer.ts';
import type { ServerList } from './server-list.ts';
import type { Service } from './service-lookup.ts';

export interface DialerOptions {
  readonly transport: DialingTransport;
  readonly clock: Clock;
  readonly servers: ServerList;
  /** Where the list is looked up anew before every round through it. */
  readonly service: Service | undefined;
  readonly observer: Observer;
}

/** Whoever wants a connection. */
export interface DialOwner {
  /** The delay is over. */
  onDialing(): void;
  onConnection(connection: Connection): ConnectionHandler;
  onDialFailed(reason: string): void;
}

/** Finds servers and connects to one after the other, one dial at a time. Remembers what went wrong with each. */
export class Dialer {
  readonly servers: ServerList;
  readonly #options: DialerOptions;
  #service: Service | undefined;
  #server: HostAndPort | undefined = undefined;
  /** What is being tried, for messages: a server, or the name of a service. */
  #tried: string | undefined = undefined;
  #timer: Timer | undefined = undefined;
  #attempt: Cancellation | undefined = undefined;
  readonly #failures = new Map<string, string>();

  constructor(options: DialerOptions) {
    this.#options = options;
    this.servers = options.servers;
    this.#service = options.service;
  }

  /** The one that serves, or that was tried last. */
  get server(): HostAndPort | undefined {
    return this.#server;
  }

  dial(afterMs: number, timeoutMs: number, owner: DialOwner): void {
    this.abandon();
    const attempt = (this.#attempt = new Cancellation());
    this.#timer = this.#options.clock.after(afterMs, () => void this.#try(attempt, timeoutMs, owner));
  }

  /** Takes back the dial under way, and the one that is to come. */
  abandon(): void {
    this.#timer?.cancel();
    this.#attempt?.abort(new Error('nobody waits for it any more'));
    this.#attempt = undefined;
  }

  /** Other servers, found in another way, from the next dial on. */
  useService(service: Service): void {
    this.#service = service;
    this.servers.beginAnew();
  }

  /** Other servers of the same ensemble. @returns whether the one that serves is to be left */
  useServers(servers: readonly HostAndPort[]): boolean {
    this.#service = undefined;
    return this.servers.rebalance(servers, this.#server);
  }

  /** What was tried last went wrong. */
  noteFailure(reason: string): void {
    if (this.#tried === undefined) return;
    if (this.#failures.size < FAILURES_TOLD_MAX || this.#failures.has(this.#tried))
      this.#failures.set(this.#tried, reason);
    this.#options.observer.serverFailed?.(this.#tried, reason);
  }

  /** A server serves us: what went wrong before is nobody's concern any more. */
  noteSuccess(): void {
    this.#failures.clear();
    if (this.#tried !== undefined) this.#options.observer.serverReached?.(this.#tried);
  }

  /** What has been tried, for an error's message. */
  describeFailures(): string {
    if (this.#failures.size === 0) return 'nothing answered yet';
    return Array.from(this.#failures, ([server, reason]) => `${server} (${reason})`).join(', ');
  }

  async #try(attempt: Cancellation, timeoutMs: number, owner: DialOwner): Promise<void> {
    owner.onDialing();
    try {
      if (this.#service !== undefined && this.servers.isRoundOver) await this.#lookUp(this.#service, attempt);
      if (attempt.aborted) return;
      const server = (this.#server = this.servers.next());
      this.#tried = formatHostAndPort(server);
      const options = { ...server, timeoutMs, signal: attempt };
      await this.#options.transport.connect(options, (connection) => owner.onConnection(connection));
    } catch (error) {
      if (!attempt.aborted) owner.onDialFailed(messageOf(error));
    }
  }

  /** What cannot be looked up now leaves the list as it was; only where there is none yet it is a failure. */
  async #lookUp(service: Service, attempt: Cancellation): Promise<void> {
    this.#tried = service.name;
    try {
      const found = await service.lookUp(service.name, attempt);
      if (found.length === 0) throw new Error('it names no server');
      if (!attempt.aborted && this.#service === service) this.servers.replace(found);
    } catch (error) {
      if (this.servers.size === 0) throw error;
      if (!attempt.aborted) this.noteFailure(messageOf(error));
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const FAILURES_TOLD_MAX = 20;

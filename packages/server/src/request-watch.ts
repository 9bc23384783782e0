import { errorName, opName } from '@corral/protocol';
import type { Clock, DiagnosticChannel, Logger } from '@corral/runtime';
import { sessionIdToHex } from '@corral/session';
import type { ClientConnection } from './connection.ts';
import type { TopView } from './four-letter-words/index.ts';
import { HeavyHitters } from './heavy-hitters.ts';
import { LineBudget } from './line-budget.ts';
import type { OperationFigures } from './operation-figures.ts';
import { requestPath } from './request-path.ts';
import { WatchedRequest } from './watched-request.ts';

export interface RequestWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly operations: OperationFigures;
  /** A request that takes so long, in milliseconds, is a line of the log; negative: none is. */
  readonly slowRequestMs: number;
  /** Told of every request that is answered, while somebody listens. */
  readonly channel: DiagnosticChannel | undefined;
}

/** Of the channel `corral:server:request`: a request of a client has been answered. */
export interface RequestMessage {
  /** Address and port. */
  readonly client: string;
  /** Hexadecimal. */
  readonly sessionId: string | undefined;
  readonly operation: string;
  /** The first of it, where the request has one. */
  readonly path: string | undefined;
  readonly xid: number;
  /** Of the request, in bytes. */
  readonly size: number;
  /** From its arrival, in milliseconds. */
  readonly latencyMs: number;
  /** `OK`, or the name of the error. */
  readonly outcome: string;
}

/**
 * Looks at requests as they pass: who sends most, and where to; how long those take that are answered at once. It looks at
 * a thousand in a second or so: at all where they are fewer, else at one of so many, drawn at random, so that it costs the
 * same however many there are. Where slow requests are to be found, or somebody listens, it looks at all of them.
 */
export class RequestWatch {
  readonly #o: RequestWatchOptions;
  readonly #clients: HeavyHitters;
  readonly #paths: HeavyHitters;
  readonly #operations: HeavyHitters;
  readonly #slowLines: LineBudget;
  #isTracing = false;
  #looksAtAll: boolean;
  #untilNext = 1;
  #dice = DICE;
  /** One request of so many is looked at. */
  #interval = 1;
  /** Since the interval was last looked into. */
  #looks = 0;
  #looksSince: number;

  constructor(options: RequestWatchOptions) {
    const { clock } = options;
    const now = clock.monotonic();
    this.#o = options;
    this.#looksSince = now;
    this.#clients = new HeavyHitters(KEYS_MAX, WINDOW_MS, now);
    this.#paths = new HeavyHitters(KEYS_MAX, WINDOW_MS, now);
    this.#operations = new HeavyHitters(KEYS_MAX, WINDOW_MS, now);
    this.#slowLines = new LineBudget(clock, SLOW_LINES_PER_SECOND);
    this.#looksAtAll = options.slowRequestMs >= 0;
  }

  /** Requests follow that arrived together. */
  beginTurn(): void {
    const { channel, slowRequestMs } = this.#o;
    if (channel === undefined) return;
    this.#isTracing = channel.hasSubscribers;
    this.#looksAtAll = this.#isTracing || slowRequestMs >= 0;
  }

  /** Whether the next request is to be looked at. To be asked once for each. */
  get isDue(): boolean {
    if (this.#looksAtAll) return true;
    if (--this.#untilNext > 0) return false;
    // Not in step with clients that go round in circles. Numerical Recipes' generator, whose upper bits are good enough.
    this.#dice = (Math.imul(this.#dice, 1_664_525) + 1_013_904_223) >>> 0;
    this.#untilNext = 1 + ((this.#dice >>> 8) % (2 * this.#interval - 1));
    return true;
  }

  /**
   * A request has been taken in: the frame `bytes[start, end)`.
   *
   * @param laneBefore how many of its connection waited before it @param error what it was answered with, if it was
   */
  look(
    connection: ClientConnection,
    type: number,
    xid: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: number,
    laneBefore: number,
    error: number,
  ): void {
    const weight = this.#looksAtAll ? 1 : this.#interval;
    this.#adjust(now);
    const path = requestPath(type, bytes, start, end);
    const size = end - start;
    this.#clients.add(connection.client, weight, weight * size, now);
    this.#operations.add(opName(type), weight, weight * size, now);
    if (path !== undefined) this.#paths.add(path, weight, weight * size, now);
    const { lane } = connection;
    if (lane.length > laneBefore) {
      // Its answer is a figure anyway.
      if (this.#looksAtAll) lane.last!.watched = new WatchedRequest(type, xid, path, size, now);
      return;
    }
    const later = this.#o.clock.monotonic();
    this.#o.operations.took(type, later - now, weight);
    if (!this.#looksAtAll) return;
    const watched = new WatchedRequest(type, xid, path, size, now);
    watched.error = error;
    this.answered(connection, watched, later);
  }

  /** @param now monotonic milliseconds */
  answered(connection: ClientConnection, watched: WatchedRequest, now: number): void {
    const { slowRequestMs, channel } = this.#o;
    const latencyMs = now - watched.receivedAt;
    if (slowRequestMs >= 0 && latencyMs >= slowRequestMs) this.#logSlow(connection, watched, latencyMs);
    if (this.#isTracing) channel?.publish(messageOf(connection, watched, latencyMs) satisfies RequestMessage);
  }

  top(count: number): TopView {
    const now = this.#o.clock.monotonic();
    const { count: requestCount, sinceMs } = this.#operations.total(now);
    return {
      sinceMs,
      sampledOneOf: this.#looksAtAll ? 1 : this.#interval,
      requestCount,
      clients: this.#clients.top(count, now),
      paths: this.#paths.top(count, now),
      operations: this.#operations.top(count, now),
    };
  }

  /** Twice as rarely as soon as a second has brought too much; twice as often behind one that has brought little. */
  #adjust(now: number): void {
    this.#looks++;
    if (this.#looks > LOOKS_PER_SECOND) {
      if (!this.#looksAtAll) this.#interval = Math.min(this.#interval * 2, INTERVAL_MAX);
    } else if (now - this.#looksSince < 1000) return;
    else if (this.#looks < LOOKS_PER_SECOND / 4) this.#interval = Math.max(1, this.#interval / 2);
    this.#looks = 0;
    this.#looksSince = now;
  }

  #logSlow(connection: ClientConnection, watched: WatchedRequest, latencyMs: number): void {
    const unlogged = this.#slowLines.take();
    if (unlogged === undefined) return;
    const message = messageOf(connection, watched, Math.round(latencyMs));
    this.#o.logger.warn({ ...message, ...(unlogged > 0 && { unlogged }) }, 'slow request');
  }
}

function messageOf(connection: ClientConnection, watched: WatchedRequest, latencyMs: number): RequestMessage {
  const { type, path, xid, size, error } = watched;
  const { client, session } = connection;
  return {
    client,
    sessionId: session && sessionIdToHex(session.id),
    operation: opName(type),
    path,
    xid,
    size,
    latencyMs,
    outcome: errorName(error),
  };
}

const LOOKS_PER_SECOND = 1000;
const INTERVAL_MAX = 4096;
/** Where the draws begin; any number would do. */
const DICE = 0x9e37_79b9;
const KEYS_MAX = 256;
const WINDOW_MS = 60_000;
const SLOW_LINES_PER_SECOND = 20;

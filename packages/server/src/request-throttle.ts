import { ErrorCode, type Identity, OpCode } from '@corral/protocol';
import type { Clock, Counter, Metrics, Summary, Timer } from '@corral/runtime';
import type { Backlog } from './backlog.ts';
import type { ServerConfig } from './config.ts';
import { type ClientConnection, Hold, Phase } from './connection.ts';
import type { LargeRequests } from './limits.ts';
import type { Untransacted } from './untransacted.ts';
import { isWrite } from './write-requests.ts';

export interface RequestThrottleOptions {
  readonly config: ServerConfig['requestThrottle'];
  readonly backlog: Backlog;
  readonly largeRequests: LargeRequests;
  readonly untransacted: Untransacted;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Answers were written in a turn of nobody's. */
  readonly flush: () => void;
}

/** Where a request goes when it need not wait any more. */
export type Resume = (request: WaitingForRoom, now: number) => void;

/**
 * Keeps requests back while too many are in flight (`request_throttle_*`, `throttled_op_wait_time`, Java: RequestThrottler):
 * they wait in one queue, in the order they came. One that nobody waits for any more is dropped there, and its connection
 * with it; one that has waited for too long is answered with THROTTLEDOP, in its turn.
 */
export class RequestThrottle {
  readonly #o: RequestThrottleOptions;
  readonly #stalls: Counter;
  readonly #stale: Counter;
  readonly #staleDropped: Counter;
  readonly #throttledOps: Counter;
  readonly #queueTime: Summary;
  /** Those before `#first` have gone on. */
  #queue: WaitingForRoom[] = [];
  #first = 0;
  #bytes = 0;
  /** Something of them was dropped: what comes behind it must not overtake it. */
  readonly #dropped = new Set<ClientConnection>();
  readonly #held = new Set<ClientConnection>();
  #resume: Resume = () => {};
  #timer: Timer | undefined = undefined;
  #drained: (() => void) | undefined = undefined;

  constructor(options: RequestThrottleOptions) {
    const { metrics } = options;
    this.#o = options;
    this.#stalls = metrics.counter('request_throttle_wait_count');
    this.#stale = metrics.counter('stale_requests');
    this.#staleDropped = metrics.counter('stale_requests_dropped');
    this.#throttledOps = metrics.counter('throttled_ops');
    this.#queueTime = metrics.summary('request_throttle_queue_time_ms');
  }

  /** To be called once, before requests come. */
  onResume(resume: Resume): void {
    this.#resume = resume;
  }

  /** A request that comes now has to wait. */
  get isFull(): boolean {
    return this.size > 0 || !this.#hasRoom;
  }

  /** Requests that wait. */
  get size(): number {
    return this.#queue.length - this.#first;
  }

  /** Takes the request `bytes[start, end)`, valid during the call. */
  wait(
    connection: ClientConnection,
    bytes: Uint8Array,
    start: number,
    end: number,
    xid: number,
    type: number,
    now: number,
    largeBytes: number,
  ): void {
    const frame = bytes.slice(start, end);
    const { identities } = connection;
    this.#queue.push({ connection, identities, frame, xid, type, receivedAt: now, largeBytes });
    this.#bytes += frame.length;
    if (this.#bytes > WAITING_BYTES_MAX) {
      connection.hold(Hold.waiting);
      this.#held.add(connection);
    }
    this.#stall();
  }

  /** Requests have been answered: there may be room. */
  release(): void {
    if (this.size === 0) return;
    const now = this.#o.clock.monotonic();
    for (let next = this.#queue[this.#first]; next !== undefined; next = this.#queue[this.#first]) {
      const isStale = this.#isStale(next, now);
      if (isStale && this.#o.config.dropStale) {
        this.#staleDropped.add(1);
        this.#drop(this.#shift());
      } else if (!this.#hasRoom) break;
      else this.#go(this.#shift(), now, isStale);
    }
    this.#settle();
  }

  /** Resolves when nothing waits any more. What does so for longer than the time for a shutdown is dropped. */
  async drained(): Promise<void> {
    if (this.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drained = resolve;
    const limit = this.#o.clock.after(this.#o.config.shutdownTimeout, () => this.stop());
    await promise;
    limit.cancel();
  }

  /** What still waits is dropped. */
  stop(): void {
    while (this.size > 0) this.#o.largeRequests.done(this.#shift().largeBytes);
    this.#settle();
  }

  get #hasRoom(): boolean {
    return this.#o.backlog.size < this.#o.config.maxRequests;
  }

  #stall(): void {
    if (this.#timer !== undefined) return;
    this.#stalls.add(1);
    // Mostly `release` comes first: this is for what has become stale meanwhile.
    this.#timer = this.#o.clock.after(this.#o.config.stallTime, () => {
      this.#timer = undefined;
      this.release();
      this.#o.flush();
    });
  }

  #settle(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.size > 0) this.#stall();
    else {
      this.#queue = [];
      this.#first = 0;
      this.#dropped.clear();
      this.#drained?.();
    }
    if (this.#held.size === 0 || this.#bytes > WAITING_BYTES_MAX / 2) return;
    const held = [...this.#held];
    this.#held.clear();
    for (const connection of held) connection.release(Hold.waiting);
  }

  #shift(): WaitingForRoom {
    const request = this.#queue[this.#first++]!;
    this.#bytes -= request.frame.length;
    if (this.#first >= COMPACT_AT) {
      this.#queue.splice(0, this.#first);
      this.#first = 0;
    }
    return request;
  }

  #go(request: WaitingForRoom, now: number, isStale: boolean): void {
    const { connection, type, xid, receivedAt, largeBytes } = request;
    const { config, largeRequests, untransacted } = this.#o;
    // A read of somebody who is gone is nobody's; a write may be meant to last.
    const isLost = connection.phase !== Phase.open && !isWrite(type);
    if (isLost || this.#dropped.has(connection)) return largeRequests.done(largeBytes);
    const waitedMs = now - receivedAt;
    this.#queueTime.observe(waitedMs);
    if (isStale) this.#stale.add(1);
    if (config.throttledOpWaitTime > 0 && waitedMs > config.throttledOpWaitTime && isThrottlable(type)) {
      this.#throttledOps.add(1);
      untransacted.answer(connection, type, xid, ErrorCode.THROTTLEDOP, receivedAt, largeBytes);
    } else this.#resume(request, now);
  }

  #drop({ connection, largeBytes }: WaitingForRoom): void {
    this.#o.largeRequests.done(largeBytes);
    this.#dropped.add(connection);
    connection.destroy();
  }

  #isStale({ connection, type, receivedAt }: WaitingForRoom, now: number): boolean {
    // The end of a session is to come where its client is gone, too.
    if (type === OpCode.closeSession && !this.#dropped.has(connection)) return false;
    const { staleConnectionCheck, staleLatencyCheck } = this.#o.config;
    if (staleConnectionCheck && connection.phase !== Phase.open) return true;
    return staleLatencyCheck && now - receivedAt > connection.sessionTimeout;
  }
}

/** A request in the queue. */
export interface WaitingForRoom {
  readonly connection: ClientConnection;
  /** Who the client was when it asked. */
  readonly identities: readonly Identity[];
  readonly frame: Uint8Array;
  readonly xid: number;
  readonly type: number;
  /** Monotonic milliseconds. */
  readonly receivedAt: number;
  readonly largeBytes: number;
}

function isThrottlable(type: number): boolean {
  return type !== OpCode.ping && type !== OpCode.closeSession && type !== OpCode.createSession;
}

/** In the queue, over all connections: who sends more is not listened to until half of it is gone. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;
const COMPACT_AT = 1024;

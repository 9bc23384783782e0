import type { JuteReader } from '@corral/jute';
import {
  ConnectRequest,
  ConnectResponse,
  ErrorCode,
  formatHostAndPort,
  type HostAndPort,
  OpCode,
  opName,
  WatcherEvent,
  Xid,
} from '@corral/protocol';
import type { Clock, Random, Timer } from '@corral/runtime';
import type { Connection, ConnectionHandler, Transport } from '@corral/transport';
import type { Signal } from './abort-signal.ts';
import {
  AuthFailedError,
  ClosedError,
  CLOSING,
  ConnectionLossError,
  OutcomeUnknownError,
  SessionExpiredError,
} from './errors.ts';
import { askForWord } from './four-letter-word.ts';
import type { Observer } from './observer.ts';
import type { Operation } from './operation.ts';
import { OperationRing } from './operation-ring.ts';
import { ServerList } from './server-list.ts';
import {
  isOver,
  SessionMachine,
  type SessionInput,
  type SessionOutput,
  type SessionState,
} from './session-machine.ts';
import { type Watcher, type WatchBatch, WatchRegistry } from './watch-registry.ts';
import { Wire, type WireOwner } from './wire.ts';

export interface SessionOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly servers: readonly HostAndPort[];
  readonly sessionTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly readOnly: boolean;
  readonly onExpired: 'fail' | 'newSession';
  readonly session: { readonly id: bigint; readonly password: Uint8Array } | undefined;
  readonly requestMax: number;
  readonly replyMax: number;
  readonly pendingMax: number;
  readonly unsentMax: number;
  readonly observer: Observer;
}

/** Does what a `SessionMachine` says: dials, speaks, and keeps in order who waits for what. */
export class Session implements WireOwner {
  readonly watches: WatchRegistry = new WatchRegistry();
  readonly random: Random;
  readonly #options: SessionOptions;
  readonly #clock: Clock;
  readonly #machine: SessionMachine;
  readonly #servers: ServerList;
  /** Sent and not answered, in the order of the replies to come. */
  readonly #inFlight = new OperationRing();
  /** Cut off reads that go first, and then what was asked for while there was no connection. */
  #waiting: Operation<unknown>[] = [];
  readonly #identities: IdentityToProve[] = [];
  /** Identities sent on this connection whose reply is to come. */
  #proving: IdentityToProve[] = [];
  /** SetWatches requests sent on this connection whose reply is to come. */
  #settingWatches = 0;
  #toResync: Watcher[] = [];
  #wire: Wire | undefined = undefined;
  #server: HostAndPort | undefined = undefined;
  /** Counts up so that a dial that is no longer wanted knows it. */
  #dial = 0;
  #timer: Timer | undefined = undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #dialTimer: Timer | undefined = undefined;
  #searchTimer: Timer | undefined = undefined;
  #isAnswered = false;
  #isClosing = false;
  #lastXid = 0;
  #goodbyeXid = 0;
  #lastZxid = 0;
  /** The time of this turn: asking the clock for every request would cost more than the request. */
  #now = 0;
  /** What went wrong last with each server, since one served us. */
  readonly #failures = new Map<string, string>();
  #lastReason: string | undefined = undefined;
  readonly #listeners = new Set<(state: SessionState) => void>();
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.random = options.random;
    this.#servers = new ServerList(options.servers, options.random);
    this.#machine = new SessionMachine({
      timeoutMs: options.sessionTimeoutMs,
      connectTimeoutMs: options.connectTimeoutMs,
      onExpired: options.onExpired,
      serverCount: () => this.#servers.size,
      below: (bound) => options.random.below(bound),
      ...(options.session === undefined ? {} : { session: options.session }),
    });
    this.#step({ kind: 'start' });
  }

  get state(): SessionState {
    return this.#machine.state;
  }

  get id(): bigint {
    return this.#machine.sessionId;
  }

  get password(): Uint8Array {
    return this.#machine.password.slice();
  }

  get timeoutMs(): number {
    return this.#machine.timeoutMs;
  }

  /** The server that serves us, or that was tried last. */
  get server(): HostAndPort | undefined {
    return this.#server;
  }

  /** Requests asked for and not answered. */
  get pending(): number {
    return this.#inFlight.length + this.#waiting.length;
  }

  /** @returns how to stop */
  onState(listener: (state: SessionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Sends it now, or when there is a connection; in the order of the calls either way.
   * Nothing is sent for a signal that has aborted, and nothing that is longer than a server takes.
   */
  run<T>(operation: Operation<T>, signal?: Signal): Promise<T> {
    const { result } = operation;
    const refusal = this.#refusal(operation, signal);
    if (refusal !== undefined) operation.fail(refusal.reason);
    else {
      operation.obey(signal);
      if (this.#machine.isServing) this.#send(operation);
      else this.#waiting.push(operation);
    }
    return result;
  }

  /** Proves an identity now and at every connection to come. */
  addIdentity(scheme: string, auth: Uint8Array): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const over = this.#overError('auth');
    if (over !== undefined) return Promise.reject(over);
    const identity: IdentityToProve = { scheme, auth, resolve, reject };
    this.#identities.push(identity);
    if (this.#machine.isServing) this.#prove(identity);
    return promise;
  }

  /** Other servers from now on; where the one that serves us is not among them, it is left. */
  useServers(servers: readonly HostAndPort[]): void {
    const isKept = this.#servers.replace(servers, this.#server);
    if (!isKept && this.#wire !== undefined) this.#leave('its server is not in the list any more');
  }

  /** Ends the session, and with it its ephemeral nodes, where a server can be told in time. */
  close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const operation of waiting) operation.fail(operation.error(CLOSING, 'the client was closed'));
      this.#step({ kind: 'close' });
      if (isOver(this.state)) this.#finish();
    }
    return this.#ended.promise;
  }

  /** What has been tried, for an error's message. */
  describeFailures(): string {
    if (this.#failures.size === 0) return 'nothing answered yet';
    return Array.from(this.#failures, ([server, reason]) => `${server} (${reason})`).join(', ');
  }

  // What the wire says

  onHeard(): void {
    this.#now = this.#clock.monotonic();
    // Before the handshake is answered nothing renews the session.
    if (this.#isAnswered) this.#machine.heard(this.#now);
  }

  onSpoke(): void {
    if (this.#isAnswered) this.#machine.spoke(this.#clock.monotonic());
  }

  onFrame(r: JuteReader): void {
    if (!this.#isAnswered) return this.#takeConnectResponse(ConnectResponse.read(r));
    const xid = r.readInt();
    const zxid = r.readLongNumber();
    const code = r.readInt();
    if (xid === Xid.notification) return this.#takeEvent(WatcherEvent.read(r), zxid);
    if (zxid > 0) this.#lastZxid = zxid;
    switch (xid) {
      case Xid.ping:
        return;
      case Xid.auth:
        return this.#takeProof(code);
      case Xid.setWatches:
        return this.#takeWatchesSet();
      default:
        return this.#takeReply(xid, code, r);
    }
  }

  onOver(reason: string): void {
    this.#wire = undefined;
    this.#cutOff(reason);
    this.#step({ kind: 'disconnected', reason });
  }

  // Doing what the machine says

  #step(input: SessionInput): void {
    const now = (this.#now = this.#clock.monotonic());
    if (input.kind === 'disconnected') this.#noteFailure(input.reason);
    for (const output of this.#machine.step(now, input)) this.#perform(output);
    this.#arm();
  }

  #perform(output: SessionOutput): void {
    switch (output.kind) {
      case 'dial':
        this.#dialTimer?.cancel();
        if (isOver(this.state)) return;
        this.#dialTimer = this.#clock.after(output.afterMs, () => this.#dialNext(output.timeoutMs));
        return;
      case 'introduce':
        return this.#introduce();
      case 'serve':
        return this.#serve();
      case 'ping':
        this.#header(Xid.ping, OpCode.ping);
        return;
      case 'sayGoodbye':
        this.#goodbyeXid = this.#nextXid();
        this.#header(this.#goodbyeXid, OpCode.closeSession);
        return;
      case 'hangUp':
        this.#noteFailure(output.reason);
        return this.#hangUp(output.reason);
      case 'giveUp':
        return this.#failWaiting(this.#unreachable());
      case 'sessionLost':
        return this.#loseSession(output.reason, output.isFinal);
      case 'state':
        return this.#announce(output.state, output.previous);
    }
  }

  #dialNext(timeoutMs: number): void {
    const mine = ++this.#dial;
    const server = this.#servers.next();
    this.#server = server;
    this.#step({ kind: 'dialing' });
    const open = (connection: Connection): ConnectionHandler => {
      // What is thrown here turns the connection away, and comes back as the dial's rejection.
      if (mine !== this.#dial) throw new Error('dialed too long ago');
      const wire = new Wire(connection, this.#options, this);
      this.#wire = wire;
      this.#isAnswered = false;
      this.#step({ kind: 'opened' });
      return wire;
    };
    this.#options.transport.connect({ ...server, timeoutMs }, open).catch((error: unknown) => {
      if (mine === this.#dial && this.#wire === undefined)
        this.#step({ kind: 'disconnected', reason: messageOf(error) });
    });
  }

  #introduce(): void {
    const wire = this.#wire!;
    const start = wire.length;
    const { sessionIdToOffer: id, password, timeoutMs } = this.#machine;
    const request = new ConnectRequest(0, this.#lastZxid, timeoutMs, id, password, this.#options.readOnly);
    request.write(wire.begin());
    wire.end(start);
  }

  #takeConnectResponse(response: ConnectResponse): void {
    if (response.timeOut <= 0) return this.#step({ kind: 'refused' });
    this.#isAnswered = true;
    this.#step({
      kind: 'accepted',
      sessionId: response.sessionId,
      password: response.passwd?.slice() ?? new Uint8Array(16),
      timeoutMs: response.timeOut,
      isReadOnly: response.readOnly,
    });
  }

  /** Identities first, for what follows may need them; then watches, so that no later read overtakes an event. */
  #serve(): void {
    // Whoever heard of the connection may have closed it.
    if (!this.#machine.isServing) return;
    this.#failures.clear();
    for (const identity of this.#identities) this.#prove(identity);
    this.#setWatches();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const operation of waiting) if (!operation.isSettled) this.#send(operation);
    if (this.state === 'connectedReadOnly') this.#searchBetterServer(SEARCH_MIN_MS);
  }

  #send(operation: Operation<unknown>): void {
    const wire = this.#wire!;
    const start = wire.length;
    try {
      const w = wire.begin();
      operation.xid = this.#nextXid();
      if (!wire.isFlushDue) this.#now = this.#clock.monotonic();
      operation.sentAt = this.#now;
      w.writeInt(operation.xid);
      w.writeInt(operation.type);
      operation.write(w);
      wire.end(start);
    } catch (error) {
      wire.truncate(start);
      return operation.fail(error);
    }
    this.#inFlight.push(operation);
    if (this.#oldestDeadline() < this.#armedFor) this.#arm();
    this.#options.observer.requestSent?.(opName(operation.type), operation.path, operation.xid);
  }

  #header(xid: number, type: number): void {
    const wire = this.#wire!;
    const start = wire.length;
    const w = wire.begin();
    w.writeInt(xid);
    w.writeInt(type);
    wire.end(start);
  }

  #nextXid(): number {
    this.#lastXid = this.#lastXid === 0x7fff_ffff ? 1 : this.#lastXid + 1;
    return this.#lastXid;
  }

  #takeReply(xid: number, code: number, r: JuteReader): void {
    if (xid === this.#goodbyeXid) return this.#leave('closed');
    const operation = this.#inFlight.peek();
    if (operation?.xid !== xid)
      throw new Error(`a reply to request ${xid} in the place of ${operation?.xid}`);
    this.#inFlight.shift();
    this.#options.observer.requestAnswered?.(opName(operation.type), operation.path, xid, code);
    operation.answer(code, r);
  }

  #takeEvent(event: WatcherEvent, zxid: number): void {
    const path = event.path ?? '';
    this.#options.observer.watchFired?.(event.type, path);
    this.watches.fire(event.type, path, zxid);
  }

  #prove(identity: IdentityToProve): void {
    const wire = this.#wire!;
    const start = wire.length;
    const w = wire.begin();
    w.writeInt(Xid.auth);
    w.writeInt(OpCode.auth);
    w.writeInt(0);
    w.writeString(identity.scheme);
    w.writeBuffer(identity.auth);
    wire.end(start);
    this.#proving.push(identity);
  }

  #takeProof(code: number): void {
    const identity = this.#proving.shift();
    if (code === 0) return identity?.resolve();
    identity?.reject(
      new AuthFailedError(ErrorCode.AUTHFAILED, 'auth', undefined, { detail: identity.scheme }),
    );
    this.#step({ kind: 'authRefused' });
    this.#failEverything(new AuthFailedError(ErrorCode.AUTHFAILED, 'auth'));
    this.#finish();
  }

  #setWatches(): void {
    this.#settingWatches = 0;
    this.#toResync = this.watches.lasting();
    for (const batch of this.watches.batches()) {
      this.#settingWatches++;
      this.#writeWatches(batch);
    }
  }

  #writeWatches(batch: WatchBatch): void {
    const wire = this.#wire!;
    const start = wire.length;
    const w = wire.begin();
    const hasLasting = batch.persistent.length > 0 || batch.recursive.length > 0;
    w.writeInt(Xid.setWatches);
    // Servers before 3.6 know the first only.
    w.writeInt(hasLasting ? OpCode.setWatches2 : OpCode.setWatches);
    w.writeLongNumber(this.#lastZxid);
    w.writeStrings(batch.data);
    w.writeStrings(batch.exist);
    w.writeStrings(batch.child);
    if (hasLasting) {
      w.writeStrings(batch.persistent);
      w.writeStrings(batch.recursive);
    }
    wire.end(start);
  }

  #takeWatchesSet(): void {
    if (--this.#settingWatches > 0) return;
    const watchers = this.#toResync;
    this.#toResync = [];
    for (const watcher of watchers) watcher.resync();
  }

  /** Drops the connection, or the dial under way. */
  #hangUp(reason: string): void {
    this.#dial++;
    this.#dialTimer?.cancel();
    const wire = this.#wire;
    this.#wire = undefined;
    wire?.drop();
    this.#cutOff(reason);
  }

  /** As if the connection had been lost. */
  #leave(reason: string): void {
    this.#hangUp(reason);
    this.#step({ kind: 'disconnected', reason });
  }

  /** What was in flight: reads wait for the next connection, in front; of writes nobody knows what became. */
  #cutOff(reason: string): void {
    this.#isAnswered = false;
    this.#searchTimer?.cancel();
    this.#proving = [];
    const again: Operation<unknown>[] = [];
    for (const operation of this.#inFlight.takeAll()) {
      if (operation.isSettled) continue;
      if (operation.isRepeatable && operation.resends < RESENDS_MAX && !this.#isClosing) {
        operation.resends++;
        again.push(operation);
      } else operation.fail(lossOf(operation, reason));
    }
    if (again.length > 0) this.#waiting = [...again, ...this.#waiting];
  }

  #loseSession(reason: string, isFinal: boolean): void {
    const error = new SessionExpiredError(ErrorCode.SESSIONEXPIRED, 'session', undefined, {
      detail: `${reason} (${this.describeFailures()})`,
    });
    this.#lastZxid = 0;
    this.#failWaiting((operation) => operation.error(ErrorCode.SESSIONEXPIRED, reason));
    if (isFinal) {
      this.#failEverything(error);
      this.#finish();
    } else this.watches.spendOneShots();
  }

  #failWaiting(errorOf: (operation: Operation<unknown>) => unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const operation of waiting) operation.fail(errorOf(operation));
  }

  #failEverything(reason: Error): void {
    this.#failWaiting((operation) =>
      operation.error(reason instanceof AuthFailedError ? ErrorCode.AUTHFAILED : ErrorCode.SESSIONEXPIRED),
    );
    for (const identity of this.#identities) identity.reject(reason);
    this.watches.failAll(reason);
  }

  #unreachable(): (operation: Operation<unknown>) => Error {
    const tried = `no server was reached: ${this.describeFailures()}`;
    return (operation) => operation.error(ErrorCode.CONNECTIONLOSS, tried);
  }

  #announce(state: SessionState, previous: SessionState): void {
    this.#options.observer.stateChanged?.(state, previous, this.#lastReason);
    for (const listener of this.#listeners) listener(state);
    if (state === 'closed') this.#finish();
  }

  /** Nothing runs or waits any more: no timer, no connection, nobody's promise. */
  #finish(): void {
    this.#timer?.cancel();
    this.#dialTimer?.cancel();
    this.#searchTimer?.cancel();
    this.#timer = undefined;
    if (this.state === 'closed') {
      const closed = new ClosedError(CLOSING, 'close', undefined, { detail: 'the client was closed' });
      for (const operation of this.#inFlight.takeAll())
        operation.fail(lossOf(operation, 'the client was closed'));
      this.#failWaiting((operation) => operation.error(CLOSING));
      for (const identity of this.#identities) identity.reject(closed);
      this.watches.failAll(closed);
      this.#ended.resolve();
    }
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const at = Math.min(this.#machine.wakeAt, this.#oldestDeadline());
    this.#armedFor = at;
    if (at === Number.POSITIVE_INFINITY || isOver(this.state)) return;
    this.#timer = this.#clock.after(Math.max(0, at - this.#now), () => {
      // After a stall of this process what has arrived is read first: only then is the other side judged.
      this.#clock.defer(() => this.#tick());
    });
  }

  #tick(): void {
    if (isOver(this.state)) return;
    const now = this.#clock.monotonic();
    if (this.#oldestDeadline() <= now) return this.#giveUpOnServer();
    this.#step({ kind: 'tick' });
  }

  #oldestDeadline(): number {
    const oldest = this.#options.requestTimeoutMs > 0 ? this.#inFlight.peek() : undefined;
    return oldest === undefined ? Number.POSITIVE_INFINITY : oldest.sentAt + this.#options.requestTimeoutMs;
  }

  /** Replies come in order: behind one that does not come, none will. */
  #giveUpOnServer(): void {
    const oldest = this.#inFlight.shift();
    oldest?.fail(
      oldest.error(ErrorCode.REQUESTTIMEOUT, `no reply within ${this.#options.requestTimeoutMs} ms`),
    );
    this.#leave(`TIMEOUT: no reply within ${this.#options.requestTimeoutMs} ms`);
  }

  /** Asks one other server after another whether it serves writes (`isro`). */
  #searchBetterServer(afterMs: number): void {
    this.#searchTimer = this.#clock.after(afterMs, () => {
      const server = this.#servers.next();
      const goOn = (): void => {
        if (this.state === 'connectedReadOnly')
          this.#searchBetterServer(Math.min(SEARCH_MAX_MS, afterMs * 2));
      };
      void this.#servesWrites(server).then((isBetter) => {
        if (!isBetter || this.state !== 'connectedReadOnly') return goOn();
        this.#servers.prefer(server);
        return this.#step({ kind: 'betterServer' });
      });
    });
  }

  async #servesWrites(server: HostAndPort): Promise<boolean> {
    const { transport } = this.#options;
    try {
      return (await askForWord(transport, this.#clock, server, 'isro', SEARCH_TIMEOUT_MS)).trim() === 'rw';
    } catch {
      return false;
    }
  }

  #noteFailure(reason: string): void {
    this.#lastReason = reason;
    if (this.#server === undefined || this.#isClosing) return;
    const server = formatHostAndPort(this.#server);
    if (this.#failures.size < FAILURES_TOLD_MAX || this.#failures.has(server))
      this.#failures.set(server, reason);
    this.#options.observer.serverFailed?.(server, reason);
  }

  #refusal(operation: Operation<unknown>, signal: Signal | undefined): { reason: unknown } | undefined {
    if (signal?.aborted === true) return { reason: signal.reason };
    const over = this.#overError(opName(operation.type), operation.path);
    if (over !== undefined) return { reason: over };
    if (this.#wire !== undefined && this.#wire.length > this.#options.unsentMax) {
      const detail = `${this.#wire.length} bytes wait for the network already (unsentMax)`;
      return { reason: operation.error(ErrorCode.THROTTLEDOP, detail) };
    }
    if (this.pending < this.#options.pendingMax) return undefined;
    this.#waiting = this.#waiting.filter(({ isSettled }) => !isSettled);
    if (this.pending < this.#options.pendingMax) return undefined;
    const detail = `${this.#options.pendingMax} requests are pending already (pendingMax)`;
    return { reason: operation.error(ErrorCode.THROTTLEDOP, detail) };
  }

  #overError(op: string, path?: string): Error | undefined {
    if (this.#isClosing) return new ClosedError(CLOSING, op, path, { detail: 'the client was closed' });
    if (this.state === 'expired') return new SessionExpiredError(ErrorCode.SESSIONEXPIRED, op, path);
    if (this.state === 'authFailed') return new AuthFailedError(ErrorCode.AUTHFAILED, op, path);
    return undefined;
  }
}

interface IdentityToProve {
  readonly scheme: string;
  readonly auth: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

function lossOf(operation: Operation<unknown>, reason: string): Error {
  const ErrorClass = operation.isRepeatable ? ConnectionLossError : OutcomeUnknownError;
  return new ErrorClass(ErrorCode.CONNECTIONLOSS, opName(operation.type), operation.path, { detail: reason });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A read that ends its connection each time, because its reply is too large, must not do so for ever. */
const RESENDS_MAX = 3;
const FAILURES_TOLD_MAX = 20;
/** ClientCnxn: 100 ms, doubling to a minute. */
const SEARCH_MIN_MS = 100;
const SEARCH_MAX_MS = 60_000;
const SEARCH_TIMEOUT_MS = 2000;

import { type ConnectResponse, ErrorCode, type HostAndPort } from '@corral/protocol';
import type { Clock, Random } from '@corral/runtime';
import type { Connection, ConnectionHandler, DialingTransport } from '@corral/transport';
import type { Signal } from './abort-signal.ts';
import { endedError, tooManyPending, tooMuchUnsent } from './admission.ts';
import { BetterServerSearch } from './better-server-search.ts';
import { Conversation, type ConversationOwner } from './conversation.ts';
import { Dialer, type DialOwner } from './dialer.ts';
import { AuthFailedError, ClosedError, CLOSING, SessionExpiredError } from './errors.ts';
import type { Observer } from './observer.ts';
import type { Operation } from './operation.ts';
import { type ServerAddress, ServerList } from './server-list.ts';
import type { Service } from './service-lookup.ts';
import {
  isOver,
  SessionMachine,
  type SessionInput,
  type SessionOutput,
  type SessionState,
} from './session-machine.ts';
import { WakeTimer } from './wake-timer.ts';
import type { WatchRegistry } from './watch-registry.ts';

export interface SessionOptions {
  readonly transport: DialingTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly servers: readonly ServerAddress[];
  readonly service: Service | undefined;
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

/** Does what a `SessionMachine` says: dials, converses, and sees to it that everybody is told when it is over. */
export class Session implements ConversationOwner, DialOwner {
  readonly random: Random;
  readonly #options: SessionOptions;
  readonly #clock: Clock;
  readonly #machine: SessionMachine;
  readonly #dialer: Dialer;
  readonly #conversation: Conversation;
  readonly #search: BetterServerSearch;
  readonly #timer: WakeTimer;
  #isClosing = false;
  #lastReason: string | undefined = undefined;
  readonly #listeners = new Set<(state: SessionState) => void>();
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: SessionOptions) {
    const { transport, clock, random, service, observer } = options;
    this.#options = options;
    this.#clock = clock;
    this.random = random;
    const servers = new ServerList(options.servers, random);
    this.#dialer = new Dialer({ transport, clock, servers, service, observer });
    this.#search = new BetterServerSearch(transport, clock, servers);
    this.#conversation = new Conversation(options, this);
    this.#timer = new WakeTimer(clock, () => this.#tick());
    this.#machine = new SessionMachine({
      timeoutMs: options.sessionTimeoutMs,
      connectTimeoutMs: options.connectTimeoutMs,
      onExpired: options.onExpired,
      serverCount: () => servers.size,
      below: (bound) => random.below(bound),
      ...(options.session === undefined ? {} : { session: options.session }),
    });
    this.#step({ kind: 'start' });
  }

  get watches(): WatchRegistry {
    return this.#conversation.watches;
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
    return this.#dialer.server;
  }

  /** Requests asked for and not answered. */
  get pending(): number {
    return this.#conversation.requests.length;
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
    operation.observer = this.#options.observer.requestMade?.(operation);
    const refusal = this.#refusal(operation, signal);
    if (refusal !== undefined) {
      operation.fail(refusal.reason);
      return result;
    }
    operation.obey(signal);
    if (this.#machine.isServing) {
      this.#conversation.send(operation);
      if (this.#oldestDeadline() < this.#timer.armedFor) this.#arm();
    } else this.#conversation.requests.wait(operation);
    return result;
  }

  /** Proves an identity now and at every connection to come. */
  addIdentity(scheme: string, auth: Uint8Array): Promise<void> {
    const over = endedError(this.state, this.#isClosing, 'auth');
    if (over !== undefined) return Promise.reject(over);
    return this.#conversation.prove(scheme, auth, this.#machine.isServing);
  }

  /** Other servers of the same ensemble from now on; so many clients move that all servers have as many. */
  useServers(servers: readonly HostAndPort[]): void {
    const isLeaving = this.#dialer.useServers(servers);
    if (isLeaving && this.#conversation.isConnected)
      this.#leave('it moves to another server of a changed list');
  }

  /** Finds its servers by this name from the next dial on. */
  useService(service: Service): void {
    this.#dialer.useService(service);
  }

  /** Ends the session, and with it its ephemeral nodes, where a server can be told in time. */
  close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#failWaiting((operation) => operation.error(CLOSING, 'the client was closed'));
      this.#step({ kind: 'close' });
      if (isOver(this.state)) this.#finish();
    }
    return this.#ended.promise;
  }

  // What the dialer says

  onDialing(): void {
    this.#step({ kind: 'dialing' });
  }

  onConnection(connection: Connection): ConnectionHandler {
    const handler = this.#conversation.open(connection);
    this.#step({ kind: 'opened' });
    return handler;
  }

  onDialFailed(reason: string): void {
    this.#disconnected(reason);
  }

  // What the conversation says

  onWelcome(response: ConnectResponse): void {
    if (response.timeOut <= 0) return this.#step({ kind: 'refused' });
    this.#step({
      kind: 'accepted',
      sessionId: response.sessionId,
      password: response.passwd?.slice() ?? new Uint8Array(16),
      timeoutMs: response.timeOut,
      isReadOnly: response.readOnly,
    });
  }

  onHeard(now: number): void {
    this.#machine.heard(now);
  }

  onSpoke(now: number): void {
    this.#machine.spoke(now);
  }

  onGoodbye(): void {
    this.#leave('closed');
  }

  onIdentityRefused(): void {
    this.#step({ kind: 'authRefused' });
    this.#failEverything(new AuthFailedError(ErrorCode.AUTHFAILED, 'auth'));
    this.#finish();
  }

  onOver(reason: string): void {
    this.#cutOff(reason);
    this.#disconnected(reason);
  }

  // Doing what the machine says

  #step(input: SessionInput): void {
    const now = this.#clock.monotonic();
    for (const output of this.#machine.step(now, input)) this.#perform(output);
    this.#arm();
  }

  #perform(output: SessionOutput): void {
    switch (output.kind) {
      case 'dial':
        return isOver(this.state) ? undefined : this.#dialer.dial(output.afterMs, output.timeoutMs, this);
      case 'introduce':
        return this.#introduce();
      case 'serve':
        return this.#serve();
      case 'ping':
        return this.#conversation.ping();
      case 'sayGoodbye':
        return this.#conversation.sayGoodbye();
      case 'hangUp':
        this.#noteFailure(output.reason);
        return this.#hangUp(output.reason);
      case 'giveUp':
        return this.#giveUpWaiting();
      case 'sessionLost':
        return this.#loseSession(output.reason, output.isFinal);
      case 'state':
        return this.#announce(output.state, output.previous);
    }
  }

  #introduce(): void {
    const { sessionIdToOffer, password, timeoutMs } = this.#machine;
    this.#conversation.introduce(sessionIdToOffer, password, timeoutMs);
  }

  #serve(): void {
    // Whoever heard of the connection may have closed it.
    if (!this.#machine.isServing) return;
    this.#dialer.noteSuccess();
    this.#conversation.resume();
    if (this.state === 'connectedReadOnly') this.#search.begin(() => this.#step({ kind: 'betterServer' }));
  }

  #announce(state: SessionState, previous: SessionState): void {
    this.#options.observer.stateChanged?.(state, previous, this.#lastReason);
    for (const listener of this.#listeners) listener(state);
    if (state === 'closed') this.#finish();
  }

  /** As if the connection had been lost. */
  #leave(reason: string): void {
    this.#hangUp(reason);
    this.#disconnected(reason);
  }

  /** Drops the connection, or the dial under way. */
  #hangUp(reason: string): void {
    this.#dialer.abandon();
    this.#search.stop();
    this.#conversation.hangUp(reason, !this.#isClosing);
  }

  #cutOff(reason: string): void {
    this.#search.stop();
    this.#conversation.cutOff(reason, !this.#isClosing);
  }

  #disconnected(reason: string): void {
    this.#noteFailure(reason);
    this.#step({ kind: 'disconnected', reason });
  }

  #noteFailure(reason: string): void {
    this.#lastReason = reason;
    if (!this.#isClosing) this.#dialer.noteFailure(reason);
  }

  // The ends

  /** Nobody was reached for so long that those who wait are told what was tried. */
  #giveUpWaiting(): void {
    const tried = `no server was reached: ${this.#dialer.describeFailures()}`;
    this.#failWaiting((operation) => operation.error(ErrorCode.CONNECTIONLOSS, tried));
  }

  #loseSession(reason: string, isFinal: boolean): void {
    const detail = `${reason} (${this.#dialer.describeFailures()})`;
    this.#conversation.forget();
    this.#failWaiting((operation) => operation.error(ErrorCode.SESSIONEXPIRED, reason));
    if (!isFinal) return this.watches.spendOneShots();
    this.#failEverything(new SessionExpiredError(ErrorCode.SESSIONEXPIRED, 'session', undefined, { detail }));
    this.#finish();
  }

  #failWaiting(errorOf: (operation: Operation<unknown>) => unknown): void {
    this.#conversation.requests.failWaiting(errorOf);
  }

  #failEverything(reason: AuthFailedError | SessionExpiredError | ClosedError): void {
    this.#failWaiting((operation) => operation.error(reason.code));
    this.#conversation.identities.failAll(reason);
    this.watches.failAll(reason);
  }

  /** Nothing runs or waits any more: no timer, no dial, nobody's promise. */
  #finish(): void {
    this.#timer.cancel();
    this.#dialer.abandon();
    this.#search.stop();
    if (this.state !== 'closed') return;
    const what = 'the client was closed';
    this.#conversation.requests.cutOff(what, false);
    this.#failEverything(new ClosedError(CLOSING, 'close', undefined, { detail: what }));
    this.#ended.resolve();
  }

  // What falls due

  #arm(): void {
    this.#timer.arm(
      isOver(this.state) ? Number.POSITIVE_INFINITY : Math.min(this.#machine.wakeAt, this.#oldestDeadline()),
    );
  }

  #tick(): void {
    if (isOver(this.state)) return;
    if (this.#oldestDeadline() <= this.#clock.monotonic()) return this.#giveUpOnServer();
    this.#step({ kind: 'tick' });
  }

  #oldestDeadline(): number {
    const { requestTimeoutMs } = this.#options;
    const oldest = requestTimeoutMs > 0 ? this.#conversation.requests.oldest : undefined;
    return oldest === undefined ? Number.POSITIVE_INFINITY : oldest.sentAt + requestTimeoutMs;
  }

  /** Replies come in order: behind one that does not come, none will. */
  #giveUpOnServer(): void {
    const what = `no reply within ${this.#options.requestTimeoutMs} ms`;
    const oldest = this.#conversation.requests.takeOldest();
    oldest?.fail(oldest.error(ErrorCode.REQUESTTIMEOUT, what));
    this.#leave(`TIMEOUT: ${what}`);
  }

  #refusal(operation: Operation<unknown>, signal: Signal | undefined): { reason: unknown } | undefined {
    if (signal?.aborted === true) return { reason: signal.reason };
    if (this.#isClosing || isOver(this.state))
      return { reason: endedError(this.state, this.#isClosing, operation.op, operation.path) };
    const { pendingMax, unsentMax } = this.#options;
    const { unsent, requests } = this.#conversation;
    if (unsent > unsentMax) return { reason: tooMuchUnsent(operation, unsent) };
    return requests.hasRoom(pendingMax) ? undefined : { reason: tooManyPending(operation, pendingMax) };
  }
}

/**
 * What becomes of a session and its connection, as values: inputs say what happened and when, outputs say what is to
 * be done. No socket, timer or clock is known here.
 *
 * - `connecting`: there is no session yet (or one is to be replaced), servers are being tried.
 * - `connected`, `connectedReadOnly`: requests are answered; read-only by a server that has lost its quorum.
 * - `suspended`: there is a session and no connection. Locks may still be held, or no longer: who leads should pause.
 * - `expired`: the session is over, by word of a server or because nobody answered for so long that it must be.
 * - `authFailed`: a server refused an identity; nothing more is tried.
 * - `closed`.
 */
export type SessionState =
  | 'connecting'
  | 'connected'
  | 'connectedReadOnly'
  | 'suspended'
  | 'expired'
  | 'authFailed'
  | 'closed';

export type SessionInput =
  | { readonly kind: 'start' }
  /** The delay of a `dial` is over, and a server is being dialed. */
  | { readonly kind: 'dialing' }
  /** The connection stands; nothing has been said. */
  | { readonly kind: 'opened' }
  /** The server's ConnectResponse with a session in it. */
  | {
      readonly kind: 'accepted';
      readonly sessionId: bigint;
      readonly password: Uint8Array;
      readonly timeoutMs: number;
      readonly isReadOnly: boolean;
    }
  /** The server's ConnectResponse without one: the session is unknown there, and so everywhere. */
  | { readonly kind: 'refused' }
  /** The dial failed, or the connection is over. */
  | { readonly kind: 'disconnected'; readonly reason: string }
  | { readonly kind: 'authRefused' }
  /** A server that serves writes was found, while this one does not. */
  | { readonly kind: 'betterServer' }
  | { readonly kind: 'tick' }
  | { readonly kind: 'close' };

export type SessionOutput =
  /** Dial the next server after so long; give up on it (connection and handshake) when `tick` says so. */
  | { readonly kind: 'dial'; readonly afterMs: number; readonly timeoutMs: number }
  /** Send a ConnectRequest, and nothing else before it is answered. */
  | { readonly kind: 'introduce' }
  /** Send what waits: identities first, then watches, then requests. */
  | { readonly kind: 'serve'; readonly isNewSession: boolean; readonly isReadOnly: boolean }
  | { readonly kind: 'ping' }
  /** Ask the server to end the session; `disconnected` follows. */
  | { readonly kind: 'sayGoodbye' }
  /** Drop the connection, or the dial, without another input for it. What was in flight is cut off. */
  | { readonly kind: 'hangUp'; readonly reason: string }
  /** Nobody has answered for so long that whoever waits is to be told. The search goes on. */
  | { readonly kind: 'giveUp' }
  /** Everything that belonged to the session is void. `isFinal`: no other follows. */
  | { readonly kind: 'sessionLost'; readonly reason: string; readonly isFinal: boolean }
  | { readonly kind: 'state'; readonly state: SessionState; readonly previous: SessionState };

export interface SessionMachineOptions {
  /** Milliseconds asked for; the server has the last word. */
  readonly timeoutMs: number;
  /** Milliseconds without any session until those who wait are told. */
  readonly connectTimeoutMs: number;
  readonly onExpired: 'fail' | 'newSession';
  /** How many servers there are to try, now. */
  readonly serverCount: () => number;
  /** An integer from 0 to below the bound. */
  readonly below: (bound: number) => number;
  /** A session to go on with. */
  readonly session?: { readonly id: bigint; readonly password: Uint8Array };
}

export class SessionMachine {
  readonly #options: SessionMachineOptions;
  #state: SessionState = 'connecting';
  #link: Link = 'none';
  #isClosing = false;
  #sessionId: bigint;
  #password: Uint8Array;
  #timeoutMs: number;
  /** When the last byte came from a server that serves us: the session lives at least so long. */
  #lastHeard = 0;
  #lastSpoke = 0;
  /** Dials that failed since somebody served us. */
  #failures = 0;
  /** A server that serves writes has granted the session: one of a read-only server is known to nobody else. */
  #isGlobal: boolean;
  /** Until when the dial, the handshake or the goodbye under way may take. */
  #linkDeadline = Number.POSITIVE_INFINITY;
  #waitDeadline = Number.POSITIVE_INFINITY;
  #outputs: SessionOutput[] = [];

  constructor(options: SessionMachineOptions) {
    this.#options = options;
    this.#sessionId = options.session?.id ?? 0n;
    this.#password = options.session?.password ?? NO_PASSWORD;
    this.#timeoutMs = options.timeoutMs;
    this.#isGlobal = options.session !== undefined;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** 0 where there is none. The session of a read-only server is its own, and ends with the connection. */
  get sessionId(): bigint {
    return this.#sessionId;
  }

  /** The session to ask for: 0 for a new one. */
  get sessionIdToOffer(): bigint {
    return this.#isGlobal ? this.#sessionId : 0n;
  }

  get password(): Uint8Array {
    return this.#password;
  }

  /** As the server granted it; before that, as asked for. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** Requests may be sent. */
  get isServing(): boolean {
    return this.#link === 'serving';
  }

  /** Bytes came in. Cheap, for it is said of every chunk. */
  heard(now: number): void {
    this.#lastHeard = now;
  }

  spoke(now: number): void {
    this.#lastSpoke = now;
  }

  /** When the next `tick` is due. It may move later meanwhile, never earlier but by a step. */
  get wakeAt(): number {
    switch (this.#link) {
      case 'serving':
        return Math.min(this.#lastHeard + this.#readTimeoutMs, this.#lastSpoke + this.#pingAfterMs);
      case 'leaving':
        return this.#linkDeadline;
      default:
        return Math.min(this.#linkDeadline, this.#expiresAt, this.#waitDeadline);
    }
  }

  step(now: number, input: SessionInput): readonly SessionOutput[] {
    this.#outputs = [];
    if (!isOver(this.#state) || (input.kind === 'close' && this.#state !== 'closed')) this.#take(now, input);
    return this.#outputs;
  }

  #take(now: number, input: SessionInput): void {
    switch (input.kind) {
      case 'start':
        this.#lastHeard = now;
        this.#waitDeadline = now + this.#options.connectTimeoutMs;
        return this.#dial(now, 0);
      case 'dialing':
        this.#link = 'dialing';
        this.#linkDeadline = now + this.#connectTimeoutMs;
        return;
      case 'opened':
        this.#link = 'introducing';
        this.#lastSpoke = now;
        return this.#put({ kind: 'introduce' });
      case 'accepted':
        return this.#accept(now, input);
      case 'refused':
        this.#put({ kind: 'hangUp', reason: 'the server does not know the session' });
        if (this.sessionIdToOffer === 0n) return this.#reconnect(now);
        return this.#lose(now, 'the server does not know the session any more');
      case 'disconnected':
        return this.#isClosing ? this.#finish('closed') : this.#reconnect(now);
      case 'betterServer':
        if (this.#state !== 'connectedReadOnly') return;
        this.#put({ kind: 'hangUp', reason: 'a server that serves writes was found' });
        this.#setState('suspended');
        this.#lastHeard = now;
        this.#failures = 0;
        return this.#dial(now, 0);
      case 'authRefused':
        this.#put({ kind: 'hangUp', reason: 'an identity was refused' });
        return this.#finish('authFailed');
      case 'tick':
        return this.#tick(now);
      case 'close':
        return this.#close(now);
    }
  }

  #accept(now: number, input: SessionInput & { kind: 'accepted' }): void {
    const isNewSession = input.sessionId !== this.#sessionId;
    this.#link = 'serving';
    this.#linkDeadline = this.#waitDeadline = Number.POSITIVE_INFINITY;
    this.#lastHeard = this.#lastSpoke = now;
    this.#failures = 0;
    this.#isGlobal ||= !input.isReadOnly;
    this.#timeoutMs = input.timeoutMs;
    this.#sessionId = input.sessionId;
    this.#password = input.password;
    this.#setState(input.isReadOnly ? 'connectedReadOnly' : 'connected');
    this.#put({ kind: 'serve', isNewSession, isReadOnly: input.isReadOnly });
  }

  #tick(now: number): void {
    if (this.#link === 'serving') {
      // Compared as `wakeAt` says it: a difference may be rounded to just below what the sum was.
      if (now >= this.#lastHeard + this.#readTimeoutMs) return this.#drop(now, this.#silence());
      if (now >= this.#lastSpoke + this.#pingAfterMs) {
        this.#lastSpoke = now;
        this.#put({ kind: 'ping' });
      }
      return;
    }
    if (this.#link === 'leaving') {
      if (now < this.#linkDeadline) return;
      this.#put({ kind: 'hangUp', reason: 'the server did not say goodbye' });
      return this.#finish('closed');
    }
    if (now >= this.#expiresAt) {
      this.#put({ kind: 'hangUp', reason: 'the session must have expired' });
      return this.#lose(now, `nobody was reached for ${Math.round(now - this.#lastHeard)} ms`);
    }
    if (now >= this.#waitDeadline) {
      this.#waitDeadline = now + this.#options.connectTimeoutMs;
      this.#put({ kind: 'giveUp' });
    }
    if (now >= this.#linkDeadline) this.#drop(now, 'TIMEOUT: no answer to the handshake in time');
  }

  /** As if it had been disconnected. */
  #drop(now: number, reason: string): void {
    this.#put({ kind: 'hangUp', reason });
    this.#reconnect(now);
  }

  #reconnect(now: number): void {
    if (this.#link !== 'serving') this.#failures++;
    this.#setState(this.sessionIdToOffer === 0n ? 'connecting' : 'suspended');
    this.#dial(now, this.#backOff());
  }

  /** Full jitter: the window doubles with every round through all servers, and the delay is anywhere in it. */
  #backOff(): number {
    const rounds = Math.floor(this.#failures / Math.max(1, this.#options.serverCount()));
    const window = Math.min(
      BACK_OFF_MAX_MS,
      this.#timeoutMs / 4,
      BACK_OFF_MIN_MS * 2 ** Math.min(rounds, 20),
    );
    return this.#options.below(Math.max(1, Math.floor(window)) + 1);
  }

  #dial(now: number, afterMs: number): void {
    this.#link = 'waiting';
    this.#linkDeadline = Number.POSITIVE_INFINITY;
    if (this.#waitDeadline === Number.POSITIVE_INFINITY && this.sessionIdToOffer === 0n)
      this.#waitDeadline = now + this.#options.connectTimeoutMs;
    this.#put({ kind: 'dial', afterMs, timeoutMs: this.#connectTimeoutMs });
  }

  #lose(now: number, reason: string): void {
    const isLast = this.#options.onExpired === 'fail' || this.#isClosing;
    this.#sessionId = 0n;
    this.#password = NO_PASSWORD;
    this.#timeoutMs = this.#options.timeoutMs;
    this.#isGlobal = false;
    this.#link = 'none';
    this.#linkDeadline = this.#waitDeadline = Number.POSITIVE_INFINITY;
    this.#setState('expired');
    this.#put({ kind: 'sessionLost', reason, isFinal: isLast });
    if (isLast) return;
    this.#setState('connecting');
    this.#lastHeard = now;
    this.#dial(now, this.#backOff());
  }

  #close(now: number): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#link === 'serving') {
      this.#link = 'leaving';
      this.#linkDeadline = now + Math.min(GOODBYE_MAX_MS, this.#readTimeoutMs);
      return this.#put({ kind: 'sayGoodbye' });
    }
    this.#put({ kind: 'hangUp', reason: 'closed' });
    this.#finish('closed');
  }

  #finish(state: 'closed' | 'authFailed'): void {
    this.#link = 'none';
    this.#setState(state);
  }

  #setState(state: SessionState): void {
    if (state === this.#state) return;
    const previous = this.#state;
    this.#state = state;
    this.#put({ kind: 'state', state, previous });
  }

  #put(output: SessionOutput): void {
    this.#outputs.push(output);
  }

  #silence(): string {
    return `TIMEOUT: nothing heard for ${Math.round(this.#readTimeoutMs)} ms`;
  }

  /** A third of the timeout stays to find another server (ClientCnxn). */
  get #readTimeoutMs(): number {
    return (this.#timeoutMs * 2) / 3;
  }

  get #pingAfterMs(): number {
    return Math.min(PING_AFTER_MAX_MS, this.#timeoutMs / 3);
  }

  get #connectTimeoutMs(): number {
    return Math.max(CONNECT_TIMEOUT_MIN_MS, this.#timeoutMs / Math.max(1, this.#options.serverCount()));
  }

  /**
   * A session that no server has heard of for its timeout is over; a third more, for the server counts later than we
   * do. Without this a client that reaches nobody would believe in its locks for ever (ZOOKEEPER-4508).
   */
  get #expiresAt(): number {
    if (this.sessionIdToOffer === 0n) return Number.POSITIVE_INFINITY;
    return this.#lastHeard + (this.#timeoutMs * 4) / 3;
  }
}

/** What the connection is about. */
type Link = 'none' | 'waiting' | 'dialing' | 'introducing' | 'serving' | 'leaving';

/** Nothing but `closed` follows. */
export function isOver(state: SessionState): boolean {
  return state === 'expired' || state === 'authFailed' || state === 'closed';
}

const NO_PASSWORD = new Uint8Array(16);
const BACK_OFF_MIN_MS = 100;
const BACK_OFF_MAX_MS = 4000;
const PING_AFTER_MAX_MS = 10_000;
const CONNECT_TIMEOUT_MIN_MS = 100;
const GOODBYE_MAX_MS = 2000;

import type { Watches } from '@corral/datatree';
import { JuteError } from '@corral/jute';
import { ProtocolError } from '@corral/protocol';
import type { Clock, Logger, Timer } from '@corral/runtime';
import { sessionIdToHex } from '@corral/session';
import type { Connection, ConnectionHandler, TransportError } from '@corral/transport';
import type { Answers } from './answers.ts';
import type { Authentication } from './auth.ts';
import type { ServerConfig } from './config.ts';
import { ClientConnection, Hold, Phase } from './connection.ts';
import {
  answerFourLetterWord,
  type FourLetterAnswer,
  fourLetterWordOf,
  type ServerView,
} from './four-letter-words/index.ts';
import type { Handshake } from './handshake.ts';
import { AddressCounts } from './limits.ts';
import { OutputPool } from './output-pool.ts';
import type { RejectionLog } from './rejection-log.ts';
import type { Requests } from './requests.ts';
import { Roster } from './roster.ts';
import type { ServerStats } from './stats.ts';
import { toError } from './to-error.ts';

export interface ClientPortOptions {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stats: ServerStats;
  readonly rejections: RejectionLog;
  readonly authentication: Authentication;
  readonly handshake: Handshake;
  readonly requests: Requests;
  readonly answers: Answers;
  readonly watches: Watches<ClientConnection>;
  readonly view: ServerView;
}

/** All client connections: who may come, how long they may take, and what happens when they go. */
export class ClientPort {
  readonly clock: Clock;
  readonly stats: ServerStats;
  readonly pool: OutputPool = new OutputPool();
  readonly framePayloadMax: number;
  /** Bytes a client may leave unread before it is cut off. */
  readonly unsentMaxBytes: number;
  /** Bytes a client may leave unread before it is not heard any more until it reads. */
  readonly unsentPauseBytes: number;
  readonly connections: Roster<ClientConnection> = new Roster();
  /** Those before `#flushed` have been sent to. */
  readonly #dirty: ClientConnection[] = [];
  #flushed = 0;
  readonly #flushOn: () => void = () => this.flush();
  readonly #o: ClientPortOptions;
  readonly #perAddress = new AddressCounts();
  /** Connections that should be gone. */
  readonly #ending = new Roster<ClientConnection>();
  readonly #words = new Map<ClientConnection, FourLetterAnswer>();
  #sweeper: Timer | undefined = undefined;
  #isOpen = true;
  /** Whoever waits for the last close: at times two, a stop in order and the abort that cuts it short. */
  #waitingForLast: PromiseWithResolvers<void> | undefined = undefined;

  constructor(options: ClientPortOptions) {
    const { config } = options;
    this.#o = options;
    this.clock = options.clock;
    this.stats = options.stats;
    this.framePayloadMax = config.juteMaxBuffer;
    this.unsentMaxBytes = config.unsentMaxBytes;
    this.unsentPauseBytes = Math.min(UNSENT_PAUSE_BYTES, config.unsentMaxBytes / 4);
  }

  start(): void {
    this.#sweeper = this.clock.every(SWEEP_MS, () => this.#sweep());
  }

  /** @throws RangeError where there is no room for it; the transport closes it then */
  accept(link: Connection): ConnectionHandler {
    const { config, authentication } = this.#o;
    const { host } = link.remote;
    const reason = this.#whyRefused(host);
    if (reason !== undefined) {
      this.stats.connectionsRejected.add(1);
      this.#o.rejections.note(`${host}:${link.remote.port}`, 'accept', reason);
      throw new RangeError(reason);
    }
    const now = this.clock.monotonic();
    const identities = authentication.initialIdentities(host);
    const connection = new ClientConnection(link, this, identities, now, this.clock.now());
    connection.isAuthenticated = authentication.isAuthenticated(identities);
    connection.sessionTimeout = config.sessionlessCnxnTimeout;
    this.connections.add(connection);
    this.#perAddress.add(host);
    return connection;
  }

  /** The first bytes are there, four at least: a word, another protocol, or the length of a ConnectRequest. */
  began(connection: ClientConnection, first: Uint8Array): void {
    const code = (first[0]! << 24) | (first[1]! << 16) | (first[2]! << 8) | first[3]!;
    const word = fourLetterWordOf(code);
    if (word !== undefined) {
      connection.phase = Phase.word;
      connection.packetsReceived++;
      this.stats.packetsReceived++;
      const { view, config } = this.#o;
      this.#words.set(
        connection,
        answerFourLetterWord(word, view, connection.link, this.clock, config.sessionlessCnxnTimeout, () =>
          connection.noteSent(),
        ),
      );
      return;
    }
    const protocol = code === TELNET_INTERRUPT ? 'telnet' : foreignProtocol(first);
    if (protocol === undefined) {
      connection.phase = Phase.handshake;
      return;
    }
    this.stats.requestsRefused.add(1);
    this.#o.logger.warn(
      { client: connection.client, operation: 'connect', protocol, size: first.length },
      `client speaks ${protocol} on the ZooKeeper port, closing the connection`,
    );
    connection.end();
  }

  /** Frames follow, out of bytes that arrived together. */
  beginTurn(): void {
    this.#o.requests.beginTurn();
  }

  frame(connection: ClientConnection, bytes: Uint8Array, start: number, end: number, now: number): void {
    if (connection.phase === Phase.open) this.#o.requests.take(connection, bytes, start, end, now);
    else {
      connection.packetsReceived++;
      this.stats.packetsReceived++;
      this.#o.handshake.begin(connection, bytes, start, end, now);
    }
  }

  /** What a connection sent cannot be made sense of; what comes behind it neither. */
  refuseStream(connection: ClientConnection, error: unknown): void {
    const fields = {
      client: connection.client,
      session: connection.session === undefined ? undefined : sessionIdToHex(connection.session.id),
      operation: connection.phase === Phase.open ? 'request' : 'connect',
    };
    if (error instanceof JuteError || error instanceof ProtocolError) {
      this.stats.requestsRefused.add(1);
      this.#o.logger.warn({ ...fields, reason: error.message }, 'unreadable request, closing the connection');
      connection.end();
      return;
    }
    const cause = toError(error);
    this.#o.logger.error(
      { ...fields, error: cause },
      'a request failed inside the server, closing the connection',
    );
    connection.destroy();
  }

  cutSlowReader(connection: ClientConnection, unsent: number): void {
    this.stats.connectionsDropped.add(1);
    this.#o.logger.warn(
      { client: connection.client, operation: 'reply', size: unsent },
      'client does not read its replies, closing the connection',
    );
    connection.destroy();
  }

  wordDrained(connection: ClientConnection): void {
    this.#words.get(connection)?.onDrain();
  }

  /** A connection has something to send that is not written in a turn of its own. */
  isDirty(connection: ClientConnection): void {
    this.#dirty.push(connection);
  }

  /**
   * Sends what has been gathered for connections outside their own turns: for a few hundred of them now, for the
   * others in the next turns. What they are sent meanwhile goes behind it.
   */
  flush(): void {
    const dirty = this.#dirty;
    const end = Math.min(dirty.length, this.#flushed + FLUSHES_PER_TURN);
    while (this.#flushed < end) dirty[this.#flushed++]!.flush();
    if (this.#flushed < dirty.length) {
      this.clock.defer(this.#flushOn);
      return;
    }
    dirty.length = this.#flushed = 0;
  }

  ending(connection: ClientConnection): void {
    this.#leave(connection);
    connection.endingSince = this.clock.monotonic();
    if (!this.#ending.has(connection)) this.#ending.add(connection);
  }

  closed(connection: ClientConnection, error: TransportError | undefined): void {
    this.#leave(connection);
    this.#ending.delete(connection);
    if (this.#ending.size === 0) {
      this.#waitingForLast?.resolve();
      this.#waitingForLast = undefined;
    }
    const word = this.#words.get(connection);
    this.#words.delete(connection);
    word?.onClose();
    if (error === undefined || !this.#o.logger.isEnabled('debug')) return;
    this.#o.logger.debug({ client: connection.client, error }, 'connection lost');
  }

  /**
   * Clients we do not listen to for now may be pinging all the same, or wait for the session that a slow disk keeps
   * from them: their sessions count as heard of. One that does not read its replies is believed to live as long as
   * something of them gets through.
   */
  excuseHeld(touch: (connection: ClientConnection) => void): void {
    for (const connection of this.connections) {
      if (connection.isHeldFor(Hold.throttled | Hold.joining | Hold.waiting)) touch(connection);
      else if (connection.isHeldFor(Hold.unread) && connection.hasReadSomething()) touch(connection);
    }
  }

  /** Nobody new; of those that are there, nothing new. */
  stopReading(): void {
    this.#isOpen = false;
    for (const connection of this.connections) {
      if (connection.phase < Phase.joining) connection.destroy();
      else connection.hold(Hold.stopping);
    }
  }

  /** Everybody goes, with what was written for them. */
  endAll(): void {
    this.#isOpen = false;
    for (const connection of this.connections) connection.end();
  }

  /** Everybody goes at once. */
  destroyAll(): void {
    this.#isOpen = false;
    for (const connection of this.connections) connection.destroy();
    for (const connection of this.#ending) connection.link.destroy();
  }

  /**
   * Resolves with the last close: connections that were told to end have a while for it, then they are cut. It is the
   * closes themselves that are waited for: timers keep no process alive, and one that has nothing else to do would
   * end in the middle of this.
   */
  async gone(): Promise<void> {
    if (this.#ending.size > 0) {
      this.#waitingForLast ??= Promise.withResolvers<void>();
      const deadline = this.clock.after(LINGER_MS, () => this.destroyAll());
      await this.#waitingForLast.promise;
      deadline.cancel();
    }
    this.#sweeper?.cancel();
  }

  #whyRefused(host: string): string | undefined {
    const { maxCnxns, maxClientCnxns } = this.#o.config;
    if (!this.#isOpen) return 'the server is stopping';
    if (maxCnxns > 0 && this.connections.size >= maxCnxns)
      return `too many connections, maxCnxns is ${maxCnxns}`;
    if (maxClientCnxns > 0 && this.#perAddress.of(host) >= maxClientCnxns) {
      return `too many connections from ${host}, maxClientCnxns is ${maxClientCnxns}`;
    }
    return undefined;
  }

  #leave(connection: ClientConnection): void {
    if (!this.connections.delete(connection)) return;
    this.#perAddress.remove(connection.link.remote.host);
    this.#o.watches.removeAll(connection);
    this.#o.answers.forget(connection);
    const { session } = connection;
    if (session !== undefined && session.owner === connection) session.owner = undefined;
  }

  #sweep(): void {
    const now = this.clock.monotonic();
    for (const connection of this.connections) {
      if (connection.phase > Phase.handshake) continue;
      if (now - connection.acceptedAt < this.#o.config.sessionlessCnxnTimeout) continue;
      this.stats.sessionlessExpired.add(1);
      this.#o.logger.warn(
        { client: connection.client, operation: 'connect' },
        'no session within the time for it, closing the connection',
      );
      connection.destroy();
    }
    for (const connection of this.#ending) {
      if (now - connection.endingSince >= LINGER_MS) connection.link.destroy();
    }
  }
}

/** What else clients of other protocols begin with: common mistakes deserve to be named. */
function foreignProtocol(first: Uint8Array): string | undefined {
  if (first[0] === TLS_HANDSHAKE && first[1] === TLS_MAJOR_VERSION) return 'TLS';
  let start = '';
  for (let i = 0; i < 4; i++) start += String.fromCharCode(first[i]!);
  if (HTTP_STARTS.has(start)) return 'HTTP';
  return start === 'SSH-' ? 'SSH' : undefined;
}

const HTTP_STARTS: ReadonlySet<string> = new Set([
  'GET ',
  'POST',
  'PUT ',
  'HEAD',
  'DELE',
  'OPTI',
  'PATC',
  'CONN',
  'TRAC',
  'PRI ',
]);
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR_VERSION = 3;
/** Ctrl-C in telnet (FourLetterCommands.telnetCloseCmd). */
const TELNET_INTERRUPT = 0xfff4fffd | 0;
/** A client that lets this much lie unread is not listened to until it reads, in bytes. */
const UNSENT_PAUSE_BYTES = 4 * 1024 * 1024;
/** Two or three milliseconds. */
const FLUSHES_PER_TURN = 500;
const SWEEP_MS = 500;
/** How long a connection that was told to end may take to it. */
const LINGER_MS = 5000;

import { JuteReader } from '@corral/jute';
import { AuthPacket, ErrorCode, GetSASLRequest, OpCode, ProtocolError } from '@corral/protocol';
import type { Logger } from '@corral/runtime';
import type { Answers } from './answers.ts';
import type { Authentication } from './auth.ts';
import type { ClientConnection } from './connection.ts';
import type { LargeRequests } from './limits.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { RequestWatch } from './request-watch.ts';
import type { RequestThrottle, WaitingForRoom } from './request-throttle.ts';
import { beginReply, endReply, REPLY_HEADER_BYTES, writeHeaderReply } from './reply.ts';
import type { Writes } from './role.ts';
import type { Sessions } from './sessions.ts';
import type { ServerStats } from './stats.ts';

export interface RequestsOptions {
  readonly answers: Answers;
  readonly writes: Writes;
  readonly authentication: Authentication;
  readonly sessions: Sessions;
  readonly largeRequests: LargeRequests;
  /** Undefined where none waits. */
  readonly throttle: RequestThrottle | undefined;
  readonly watch: RequestWatch;
  readonly stats: ServerStats;
  readonly refusals: RefusalLog;
  readonly logger: Logger;
  /** The longest string or buffer believed in a request, in bytes. */
  readonly valueMax: number;
}

/**
 * Takes in the requests of open connections (ZooKeeperServer.processPacket): authentication is dealt with at once,
 * ahead of anything that waits; writes go to whoever prepares them; all else goes to be answered in order.
 */
export class Requests {
  readonly #o: RequestsOptions;
  readonly #reader: JuteReader;

  constructor(options: RequestsOptions) {
    this.#o = options;
    this.#reader = new JuteReader(undefined, options.valueMax);
    options.throttle?.onResume((request, now) => this.#resume(request, now));
  }

  /** New bytes have arrived, maybe where others were. */
  beginTurn(): void {
    this.#o.watch.beginTurn();
    this.#o.writes.beginTurn();
  }

  /**
   * Takes one request: the frame `bytes[start, end)`, valid during the call.
   *
   * @throws JuteError, ProtocolError where not even the header, or an authentication, can be read
   */
  take(connection: ClientConnection, bytes: Uint8Array, start: number, end: number, now: number): void {
    const r = this.#reader.reset(bytes, start, end);
    const xid = r.readInt();
    const type = r.readInt();
    connection.packetsReceived++;
    this.#o.stats.packetsReceived++;
    if (type === OpCode.auth) return this.#authenticate(connection, r, xid);
    if (type === OpCode.sasl) return sasl(connection, r, xid);
    if (!connection.isAuthenticated) return this.#refuseUnauthenticated(connection, xid, type, end - start);
    const largeBytes = this.#o.largeRequests.admit(end - start);
    if (largeBytes < 0) return this.#refuseLarge(connection, type, end - start);
    // False: too late, the session is closing. Its connection is closed when that is done.
    const { throttle } = this.#o;
    if (!this.#o.sessions.touch(connection, now)) {
      this.#o.largeRequests.done(largeBytes);
    } else if (throttle !== undefined && throttle.isFull) {
      throttle.wait(connection, bytes, start, end, xid, type, now, largeBytes);
    } else this.#submit(connection, r, xid, type, bytes, start, end, now, now, largeBytes);
  }

  /** Of whoever the client was when it asked. */
  #resume(request: WaitingForRoom, now: number): void {
    const { connection, identities, frame, xid, type, receivedAt, largeBytes } = request;
    const { length } = frame;
    const r = this.#reader.reset(frame, REQUEST_HEADER_BYTES, length);
    const meanwhile = connection.identities;
    connection.identities = identities;
    this.#o.writes.beginTurn();
    this.#submit(connection, r, xid, type, frame, 0, length, receivedAt, now, largeBytes);
    connection.identities = meanwhile;
  }

  #submit(
    connection: ClientConnection,
    r: JuteReader,
    xid: number,
    type: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    receivedAt: number,
    now: number,
    largeBytes: number,
  ): void {
    const { watch, writes, answers } = this.#o;
    const before = watch.isDue ? connection.lane.length : NOT_WATCHED;
    if (!writes.take(connection, bytes, start, end, xid, type, now, largeBytes))
      answers.take(connection, r, xid, type, bytes, start, end, now, largeBytes);
    if (before !== NOT_WATCHED)
      watch.look(connection, type, xid, bytes, start, end, receivedAt, before, answers.lastError);
  }

  #authenticate(connection: ClientConnection, r: JuteReader, xid: number): void {
    const { authentication, logger } = this.#o;
    const { scheme, auth } = AuthPacket.read(r);
    const { host } = connection.link.remote;
    const result = authentication.authenticate(scheme, auth, connection.identities, host);
    if (scheme === 'ensemble') this.#o.stats.noteEnsembleAuth(result, auth === null || auth.length === 0);
    if (result === 'wrongServer') {
      logger.warn({ client: connection.client }, 'client looks for an ensemble of another name');
      connection.destroy();
      return;
    }
    if (result === 'failed') {
      logger.warn({ client: connection.client, operation: 'auth', scheme }, 'authentication failed');
      this.#o.stats.authFailed++;
      writeHeaderReply(connection.out, xid, 0, ErrorCode.AUTHFAILED);
      connection.noteAuthReply(HEADER_BYTES);
      connection.end();
      return;
    }
    connection.identities = result;
    connection.isAuthenticated = authentication.isAuthenticated(result);
    writeHeaderReply(connection.out, xid, 0, ErrorCode.OK);
    connection.noteAuthReply(HEADER_BYTES);
  }

  /** `enforce.auth.enabled`, `sessionRequireClientSASLAuth`. */
  #refuseUnauthenticated(connection: ClientConnection, xid: number, type: number, size: number): void {
    const error = ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH;
    this.#o.refusals.noteFatal(
      connection,
      type,
      size,
      error,
      'client has not authenticated, closing the connection',
    );
    writeHeaderReply(connection.out, xid, 0, error);
    connection.noteAuthReply(HEADER_BYTES);
    connection.end();
  }

  #refuseLarge(connection: ClientConnection, type: number, size: number): void {
    this.#o.stats.largeRequestsRejected.add(1);
    const reason = 'too many bytes of large requests in flight, closing the connection';
    this.#o.refusals.noteFatal(connection, type, size, ErrorCode.OK, reason);
    connection.end();
  }
}

/** SASL is not configured: Apache answers without a token and goes on. */
function sasl(connection: ClientConnection, r: JuteReader, xid: number): void {
  const at = r.offset;
  if (GetSASLRequest.read(r).token === null) throw new ProtocolError('MISSING', at, 'no token');
  const { out } = connection;
  const reply = beginReply(out, xid, 0);
  out.writeBuffer(null);
  endReply(out, reply);
  connection.noteAuthReply(out.length - reply - LENGTH_BYTES);
}

/** What stands before a frame and is not counted with it. */
const LENGTH_BYTES = 4;
const REQUEST_HEADER_BYTES = 8;
const HEADER_BYTES: number = REPLY_HEADER_BYTES - LENGTH_BYTES;
const NOT_WATCHED = -1;

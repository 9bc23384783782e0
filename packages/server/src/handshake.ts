import { JuteReader } from '@corral/jute';
import {
  ConnectRequest,
  CreateSessionTxn,
  type Identity,
  OpCode,
  type Zxid,
  zxidToHex,
} from '@corral/protocol';
import type { Logger } from '@corral/runtime';
import { negotiateTimeout, type Session, sessionIdToHex } from '@corral/session';
import type { ConnectAnswers } from './connect-answers.ts';
import { type ClientConnection, Hold, Phase } from './connection.ts';
import type { ReattachGuard } from './limits.ts';
import { type Pipeline, WriteContext } from './pipeline.ts';
import type { Sessions } from './sessions.ts';

export interface HandshakeOptions {
  readonly sessions: Sessions;
  readonly pipeline: Pipeline;
  readonly connectAnswers: ConnectAnswers;
  readonly lastProcessedZxid: () => Zxid;
  readonly minSessionTimeout: number;
  readonly maxSessionTimeout: number;
  readonly reattachGuard: ReattachGuard;
  readonly logger: Logger;
}

/** From the ConnectRequest to the ConnectResponse (ZooKeeperServer.processConnectRequest). */
export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #reader: JuteReader = new JuteReader();
  readonly #context: WriteContext = new WriteContext();

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** @throws JuteError where the frame is no ConnectRequest */
  begin(connection: ClientConnection, bytes: Uint8Array, start: number, end: number, now: number): void {
    const { logger } = this.#options;
    const request = ConnectRequest.read(this.#reader.reset(bytes, start, end));
    connection.port.stats.connectionRequests.add();
    const last = this.#options.lastProcessedZxid();
    if (request.lastZxidSeen > last) {
      logger.info(
        {
          client: connection.client,
          zxid: zxidToHex(last),
          seen: request.lastZxidSeen.toString(16),
        },
        'client has seen a later zxid than ours: it must try another server',
      );
      connection.end();
      return;
    }
    connection.hasReadOnlyFlag = request.hasReadOnly;
    connection.sessionTimeout = this.negotiate(request.timeOut);
    connection.phase = Phase.joining;
    connection.hold(Hold.joining);
    if (request.sessionId === 0n) this.#create(connection, now);
    else this.#reattach(connection, request.sessionId, request.passwd, now);
  }

  /** What a client gets that asks for a timeout, in milliseconds. */
  negotiate(timeoutMs: number): number {
    return negotiateTimeout(timeoutMs, this.#options.minSessionTimeout, this.#options.maxSessionTimeout);
  }

  #create(connection: ClientConnection, now: number): void {
    const session = this.#options.sessions.create(connection.sessionTimeout);
    attach(connection, session);
    const context = this.#context;
    context.connection = connection;
    context.sessionId = session.id;
    context.cxid = 0;
    context.identities = NOBODY;
    context.receivedAt = now;
    this.#options.pipeline.submit(
      OpCode.createSession,
      new CreateSessionTxn(connection.sessionTimeout),
      context,
    );
  }

  /**
   * Checked before anything happens to the connection that has the session: whoever only guesses an id must not be
   * able to cut its owner off, as they can with Apache.
   */
  #reattach(connection: ClientConnection, id: bigint, password: Uint8Array | null, now: number): void {
    const { sessions, pipeline, reattachGuard, logger } = this.#options;
    const { host } = connection.link.remote;
    connection.port.stats.connectionRevalidations.add();
    if (reattachGuard.isBlocked(host, now)) {
      logger.warn(
        { client: connection.client },
        'too many failed attempts to take over sessions from this address',
      );
      connection.end();
      return;
    }
    const session = sessions.tracker.get(id);
    const isPassword = sessions.isPasswordOf(id, password);
    if (session === undefined || session.isClosing || !isPassword) {
      if (!isPassword) reattachGuard.failed(host, now);
      const fields = { client: connection.client, session: sessionIdToHex(id) };
      if (isPassword) logger.info(fields, 'session is not known, it has probably expired');
      else logger.warn(fields, 'wrong password for a session');
      this.#refuse(connection);
      return;
    }
    const before = session.owner;
    attach(connection, session);
    session.timeoutMs = connection.sessionTimeout;
    sessions.tracker.touch(session, now);
    if (before === undefined) {
      this.#reattached(connection);
      return;
    }
    logger.info(
      { client: connection.client, session: sessionIdToHex(id) },
      'session has moved to this connection',
    );
    before.end();
    // What the client sent over the other connection comes first.
    pipeline.whenApplied(() => this.#reattached(connection));
  }

  #reattached(connection: ClientConnection): void {
    if (connection.phase !== Phase.joining) return;
    this.#options.connectAnswers.write(connection, connection.out);
    connection.noteSent();
    connection.phase = Phase.open;
    connection.release(Hold.joining);
  }

  #refuse(connection: ClientConnection): void {
    this.#options.connectAnswers.writeRefusal(connection, connection.out);
    connection.noteSent();
    connection.end();
  }
}

function attach(connection: ClientConnection, session: Session<ClientConnection>): void {
  connection.session = session;
  session.owner = connection;
}

const NOBODY: readonly Identity[] = [];

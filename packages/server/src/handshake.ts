import { JuteReader } from '@corral/jute';
import { ConnectRequest, type Zxid, zxidToHex } from '@corral/protocol';
import type { Logger } from '@corral/runtime';
import { sessionIdToHex } from '@corral/session';
import type { ConnectAnswers } from './connect-answers.ts';
import { type ClientConnection, Hold, Phase } from './connection.ts';
import type { ConnectionKind, ConnectionThrottle } from './connection-throttle.ts';
import type { ReattachGuard } from './limits.ts';
import type { Newcomers } from './newcomers.ts';
import type { RejectionLog } from './rejection-log.ts';
import type { Entrance } from './role.ts';
import type { Sessions } from './sessions.ts';

export interface HandshakeOptions {
  readonly sessions: Sessions;
  readonly entrance: Entrance;
  readonly newcomers: Newcomers;
  readonly throttle: ConnectionThrottle;
  readonly rejections: RejectionLog;
  readonly connectAnswers: ConnectAnswers;
  readonly lastProcessedZxid: () => Zxid;
  /** What a client gets that asks for a session timeout, in milliseconds. */
  readonly negotiate: (timeoutMs: number) => number;
  /** Only clients that accept a server without a leader are served. */
  readonly isReadOnly: boolean;
  readonly reattachGuard: ReattachGuard;
  readonly logger: Logger;
}

/** From the ConnectRequest to the ConnectResponse (ZooKeeperServer.processConnectRequest). */
export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #reader: JuteReader = new JuteReader();

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** @throws JuteError where the frame is no ConnectRequest */
  begin(connection: ClientConnection, bytes: Uint8Array, start: number, end: number, now: number): void {
    const { newcomers, logger } = this.#options;
    const request = ConnectRequest.read(this.#reader.reset(bytes, start, end));
    if (!this.#options.throttle.admits(this.#kindOf(request.sessionId))) return this.#reject(connection);
    connection.port.stats.connectionRequests.add();
    if (this.#options.isReadOnly && !request.readOnly) {
      logger.info({ client: connection.client }, 'client does not accept a read-only server');
      connection.end();
      return;
    }
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
    connection.sessionTimeout = this.#options.negotiate(request.timeOut);
    connection.phase = Phase.joining;
    connection.hold(Hold.joining);
    if (request.sessionId === 0n) newcomers.come(connection, now);
    else this.#reattach(connection, request.sessionId, request.passwd, now);
  }

  #kindOf(sessionId: bigint): ConnectionKind {
    if (sessionId !== 0n) return 'renewal';
    return this.#options.sessions.local === undefined ? 'global' : 'local';
  }

  #reject(connection: ClientConnection): void {
    connection.port.stats.connectionsRejected.add(1);
    this.#options.rejections.note(
      connection.client,
      'connect',
      'too many clients at once (connection_throttle)',
    );
    connection.end();
  }

  /**
   * The password comes first, before anything happens to the connection that has the session: whoever only guesses an
   * id must not be able to cut its owner off, as they can with Apache.
   */
  #reattach(connection: ClientConnection, id: bigint, password: Uint8Array | null, now: number): void {
    const { sessions, entrance, connectAnswers, reattachGuard, logger } = this.#options;
    const { host } = connection.link.remote;
    connection.port.stats.connectionRevalidations.add();
    if (reattachGuard.isBlocked(host, now)) {
      logger.warn(
        { client: connection.client },
        'too many failed attempts to take over sessions from this address',
      );
      connection.end();
    } else if (sessions.isPasswordOf(id, password)) {
      entrance.reattach(connection, id, now);
    } else {
      reattachGuard.failed(host, now);
      logger.warn({ client: connection.client, session: sessionIdToHex(id) }, 'wrong password for a session');
      connectAnswers.refuse(connection);
    }
  }
}

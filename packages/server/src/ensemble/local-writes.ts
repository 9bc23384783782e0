import { JuteReader } from '@corral/jute';
import { ErrorCode, OpCode } from '@corral/protocol';
import type { Logger } from '@corral/runtime';
import { sessionIdToHex, type SessionTracker } from '@corral/session';
import type { ClientConnection } from '../connection.ts';
import type { RefusalLog } from '../refusal-log.ts';
import type { Writes } from '../role.ts';
import type { SessionOwner, Sessions } from '../sessions.ts';
import { createsEphemeral } from './creates-ephemeral.ts';
import type { Untransacted } from '../untransacted.ts';

export interface LocalWritesOptions {
  /** Takes whatever is for all servers. */
  readonly inner: Writes;
  readonly tracker: SessionTracker<SessionOwner>;
  readonly sessions: Sessions;
  readonly untransacted: Untransacted;
  readonly refusals: RefusalLog;
  readonly isUpgradingEnabled: boolean;
  readonly createGlobal: (id: bigint, timeoutMs: number, now: number) => void;
  readonly multiOperationsMax: number;
  /** The longest string or buffer believed in a request, in bytes. */
  readonly valueMax: number;
  readonly logger: Logger;
}

/** Writes where sessions may be local: the end of such a session is nobody else's affair, and its first ephemeral node makes it global. */
export class LocalWrites implements Writes {
  readonly #o: LocalWritesOptions;
  readonly #reader: JuteReader;

  constructor(options: LocalWritesOptions) {
    this.#o = options;
    this.#reader = new JuteReader(undefined, options.valueMax);
  }

  beginTurn(): void {
    this.#o.inner.beginTurn();
  }

  take(
    connection: ClientConnection,
    bytes: Uint8Array,
    start: number,
    end: number,
    xid: number,
    type: number,
    now: number,
    largeBytes: number,
  ): boolean {
    const { inner, untransacted, tracker, isUpgradingEnabled, refusals, multiOperationsMax } = this.#o;
    if (connection.hasLocalSession) {
      if (type === OpCode.createSession || type === OpCode.closeSession) {
        if (type === OpCode.closeSession) tracker.remove(connection.session!.id);
        untransacted.answer(connection, type, xid, ErrorCode.OK, now, largeBytes);
        return true;
      }
      const body = this.#reader.reset(bytes, start + REQUEST_HEADER_BYTES, end);
      if (createsEphemeral(type, body, multiOperationsMax)) {
        if (!isUpgradingEnabled) {
          const error = ErrorCode.EPHEMERALONLOCALSESSION;
          refusals.note(connection, type, bytes, start, end, error);
          untransacted.answer(connection, type, xid, error, now, largeBytes);
          return true;
        }
        this.#upgrade(connection, now);
      }
    }
    return inner.take(connection, bytes, start, end, xid, type, now, largeBytes);
  }

  /**
   * From here on the session is one of all servers, also where the client goes before they know it: its requests follow
   * its creation on the same way, the end of it among them, so no ephemeral node is left behind (ZOOKEEPER-3471).
   */
  #upgrade(connection: ClientConnection, now: number): void {
    const { tracker, sessions, createGlobal, logger } = this.#o;
    const { id, timeoutMs } = connection.session!;
    tracker.remove(id);
    connection.attach(sessions.tracker.add(id, timeoutMs, now));
    createGlobal(id, timeoutMs, now);
    logger.info(
      { client: connection.client, session: sessionIdToHex(id) },
      'a local session becomes a global one',
    );
  }
}

const REQUEST_HEADER_BYTES = 8;

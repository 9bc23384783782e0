import { ErrorCode, OpCode, type QuorumConfig } from '@corral/protocol';
import { SessionTracker } from '@corral/session';
import type { ClientConnection } from '../connection.ts';
import type { RefusalLog } from '../refusal-log.ts';
import type { Entrance, Role, Writes } from '../role.ts';
import type { ServerOptions } from '../server.ts';
import { Serving, type ServingParts } from '../serving.ts';
import { type SessionOwner, Sessions } from '../sessions.ts';
import { isWrite } from '../write-requests.ts';
import { LocalEntrance } from './local-entrance.ts';
import { LocalExpiry } from './local-expiry.ts';
import type { Replica } from './replica.ts';
import { Untransacted } from '../untransacted.ts';

export interface ReadOnlyOptions {
  readonly server: ServerOptions;
  readonly replica: Replica;
  readonly sid: number;
  readonly sessionPasswordKey: Uint8Array | undefined;
  /** The configuration in force. */
  readonly quorum: () => QuorumConfig;
  /** The real one; -1 where it is not open. */
  readonly clientPort: () => number;
  readonly onFatal: (cause: unknown) => void;
}

/**
 * Serves reads from what this server has, old as it may be, to clients that accept that, while it cannot find a leader
 * (ReadOnlyZooKeeperServer). Its sessions are its own and end with it; those of the ensemble wait for the ensemble.
 */
export function readOnlyServing(options: ReadOnlyOptions): Serving {
  const { server, replica, sid, sessionPasswordKey } = options;
  const { config, runtime, metrics, logger } = server;
  const { clock } = runtime;
  const { tree } = replica;
  const local = new SessionTracker<SessionOwner>({ tickMs: config.tickTime, now: clock.monotonic() });
  const sessions = new Sessions({
    tracker: new SessionTracker<SessionOwner>({ tickMs: config.tickTime, now: clock.monotonic() }),
    local,
    serverId: sid,
    passwordKey: sessionPasswordKey,
    runtime,
    known: tree.sessions,
    metrics,
  });
  const role = ({ answers, applied, refusals, connectAnswers, stats }: ServingParts): Role => {
    const expiry = new LocalExpiry(local, stats, clock, logger);
    const untransacted = new Untransacted(answers, applied);
    return {
      mode: 'read-only',
      sessions,
      writes: new ReadOnlyWrites(untransacted, refusals, local),
      entrance: new LocalEntrance(new ElsewhereEntrance(), sessions, local, connectAnswers),
      start: (excuse) => expiry.start(excuse),
      stop: () => expiry.stop(),
      whenApplied: (passed) => passed(),
    };
  };
  return new Serving({
    server,
    tree,
    sessions,
    snapshotting: replica.snapshotting,
    role,
    ensemble: {
      quorum: options.quorum,
      learners: () => ({ followers: 0, observers: 0 }),
      proposalSizes: undefined,
      leader: undefined,
      masterId: undefined,
    },
    isReadOnly: true,
    clientPort: options.clientPort,
    onFatal: options.onFatal,
  });
}

/** Nothing is written here, and nobody else is asked. */
class ReadOnlyWrites implements Writes {
  readonly #untransacted: Untransacted;
  readonly #refusals: RefusalLog;
  readonly #local: SessionTracker<SessionOwner>;

  constructor(untransacted: Untransacted, refusals: RefusalLog, local: SessionTracker<SessionOwner>) {
    this.#untransacted = untransacted;
    this.#refusals = refusals;
    this.#local = local;
  }

  beginTurn(): void {}

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
    if (type !== OpCode.sync && !isWrite(type)) return false;
    const isOfSession = type === OpCode.createSession || type === OpCode.closeSession;
    const error = isOfSession ? ErrorCode.OK : ErrorCode.NOTREADONLY;
    if (error !== ErrorCode.OK) this.#refusals.note(connection, type, bytes, start, end, error);
    if (type === OpCode.closeSession) this.#local.remove(connection.session!.id);
    this.#untransacted.answer(connection, type, xid, error, now, largeBytes);
    return true;
  }
}

/**
 * Whether a session of the ensemble lives cannot be known here. "Expired" would be believed, and for good; so its client is
 * sent away without a word, and tries the others.
 */
class ElsewhereEntrance implements Entrance {
  create(connection: ClientConnection): void {
    connection.end();
  }

  reattach(connection: ClientConnection): void {
    connection.end();
  }
}

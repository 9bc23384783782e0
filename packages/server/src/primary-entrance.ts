import { CreateSessionTxn, type Identity, OpCode } from '@corral/protocol';
import type { Logger } from '@corral/runtime';
import { sessionIdToHex } from '@corral/session';
import type { ConnectAnswers } from './connect-answers.ts';
import type { ClientConnection } from './connection.ts';
import { type Pipeline, WriteContext } from './pipeline.ts';
import type { Entrance } from './role.ts';
import type { Sessions } from './sessions.ts';

/** Sessions where they are decided: by a server that stands alone, or leads. */
export class PrimaryEntrance implements Entrance {
  readonly #sessions: Sessions;
  readonly #pipeline: Pipeline;
  readonly #connectAnswers: ConnectAnswers;
  readonly #logger: Logger;
  readonly #context: WriteContext = new WriteContext();

  constructor(sessions: Sessions, pipeline: Pipeline, connectAnswers: ConnectAnswers, logger: Logger) {
    this.#sessions = sessions;
    this.#pipeline = pipeline;
    this.#connectAnswers = connectAnswers;
    this.#logger = logger;
  }

  create(connection: ClientConnection, now: number): void {
    const session = this.#sessions.create(connection.sessionTimeout);
    connection.attach(session);
    this.createSession(connection, session.id, connection.sessionTimeout, now);
  }

  /** @param connection waits for it */
  createSession(connection: ClientConnection | undefined, id: bigint, timeoutMs: number, now: number): void {
    const context = this.#context;
    context.connection = connection;
    context.sessionId = id;
    context.cxid = 0;
    context.identities = NOBODY;
    context.receivedAt = now;
    this.#pipeline.submit(OpCode.createSession, new CreateSessionTxn(timeoutMs), context);
  }

  reattach(connection: ClientConnection, id: bigint, now: number): void {
    const { tracker } = this.#sessions;
    const fields = { client: connection.client, session: sessionIdToHex(id) };
    const session = tracker.get(id);
    if (session === undefined || session.isClosing) {
      this.#logger.info(fields, 'session is not known, it has probably expired');
      this.#connectAnswers.refuse(connection);
      return;
    }
    const before = session.owner;
    connection.attach(session);
    session.timeoutMs = connection.sessionTimeout;
    tracker.touch(session, now);
    if (before === undefined) {
      this.#connectAnswers.welcome(connection);
      return;
    }
    this.#logger.info(fields, 'session has moved to this connection');
    before.end();
    // What the client sent over the other connection comes first.
    this.#pipeline.whenApplied(() => this.#connectAnswers.welcome(connection));
  }
}

const NOBODY: readonly Identity[] = [];

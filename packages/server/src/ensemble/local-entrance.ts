import type { SessionTracker } from '@corral/session';
import type { ConnectAnswers } from '../connect-answers.ts';
import type { ClientConnection } from '../connection.ts';
import type { Entrance } from '../role.ts';
import type { SessionOwner, Sessions } from '../sessions.ts';

/** New sessions are local and answered at once; one from before is local where this server holds it, and else nobody's but the role's. */
export class LocalEntrance implements Entrance {
  readonly #inner: Entrance;
  readonly #sessions: Sessions;
  readonly #tracker: SessionTracker<SessionOwner>;
  readonly #connectAnswers: ConnectAnswers;

  constructor(
    inner: Entrance,
    sessions: Sessions,
    tracker: SessionTracker<SessionOwner>,
    connectAnswers: ConnectAnswers,
  ) {
    this.#inner = inner;
    this.#sessions = sessions;
    this.#tracker = tracker;
    this.#connectAnswers = connectAnswers;
  }

  create(connection: ClientConnection): void {
    connection.attach(this.#sessions.create(connection.sessionTimeout, this.#tracker), true);
    this.#connectAnswers.welcome(connection);
  }

  reattach(connection: ClientConnection, id: bigint, now: number): void {
    const session = this.#tracker.get(id);
    if (session === undefined) {
      this.#inner.reattach(connection, id, now);
      return;
    }
    session.owner?.end();
    connection.attach(session, true);
    session.timeoutMs = connection.sessionTimeout;
    this.#tracker.touch(session, now);
    this.#connectAnswers.welcome(connection);
  }
}

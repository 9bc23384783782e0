import { OpCode } from '@corral/protocol';
import type { Clock, Logger } from '@corral/runtime';
import { type Session, sessionIdToHex } from '@corral/session';
import { type Pipeline, WriteContext } from './pipeline.ts';
import type { SessionOwner } from './sessions.ts';
import type { ServerStats } from './stats.ts';

/** Closes sessions that nobody closed: the expired, a few hundred a turn. */
export class Expiry {
  readonly #pipeline: Pipeline;
  readonly #clock: Clock;
  readonly #stats: ServerStats;
  readonly #logger: Logger;
  readonly #context: WriteContext = new WriteContext();
  #queue: Session<SessionOwner>[] = [];
  #isAtWork = false;

  constructor(pipeline: Pipeline, clock: Clock, stats: ServerStats, logger: Logger) {
    this.#pipeline = pipeline;
    this.#clock = clock;
    this.#stats = stats;
    this.#logger = logger;
  }

  readonly expire = (expired: readonly Session<SessionOwner>[]): void => {
    for (const session of expired) {
      this.#stats.staleSessionsExpired.add(1);
      this.#logger.info(
        { session: sessionIdToHex(session.id), timeout: session.timeoutMs },
        'session has expired: nothing was heard of its client for its timeout',
      );
      this.#queue.push(session);
    }
    if (!this.#isAtWork) this.#closeSome();
  };

  /** Closes a session by its id: one of which only ephemeral nodes are left. */
  close(sessionId: bigint): void {
    const context = this.#context;
    context.sessionId = sessionId;
    context.receivedAt = this.#clock.monotonic();
    this.#pipeline.submit(OpCode.closeSession, null, context);
  }

  readonly #closeSome = (): void => {
    const some = this.#queue.splice(0, SESSIONS_PER_TURN);
    for (const session of some) this.close(session.id);
    this.#isAtWork = this.#queue.length > 0;
    if (this.#isAtWork) this.#clock.defer(this.#closeSome);
  };
}

const SESSIONS_PER_TURN = 200;

import type { Clock } from '@corral/runtime';
import { type ClientConnection, Phase } from './connection.ts';
import type { PendingWrite } from './pending-write.ts';

/**
 * Who comes for a new session while others come back for theirs. After a restart, or an election, all clients are there
 * at once. Those with a session lose it, and what hangs on it, where they are kept waiting for too long; a new one costs a
 * transaction, and nobody loses anything by it. So for as long as sessions of before may come back, new ones are made
 * a few at a time, each behind all who have asked for theirs by then. Later on nobody waits.
 */
export class Newcomers {
  readonly #clock: Clock;
  readonly #endsAt: number;
  readonly #create: (connection: ClientConnection, now: number) => void;
  readonly #waiting: ClientConnection[] = [];
  /** Their session is being made. */
  readonly #underWay = new Set<ClientConnection>();
  #isScheduled = false;

  /**
   * @param sessions of before that may come back
   * @param timeoutMs after which none of them does any more
   * @param create makes one, now
   */
  constructor(
    sessions: number,
    timeoutMs: number,
    clock: Clock,
    create: (connection: ClientConnection, now: number) => void,
  ) {
    this.#clock = clock;
    this.#endsAt = sessions === 0 ? Number.NEGATIVE_INFINITY : clock.monotonic() + timeoutMs;
    this.#create = create;
  }

  /** A connection that may be made to wait. */
  come(connection: ClientConnection, now: number): void {
    if (now >= this.#endsAt && this.#waiting.length === 0) {
      this.#create(connection, now);
      return;
    }
    this.#waiting.push(connection);
    this.#schedule();
  }

  /** A transaction of a connection has been applied. */
  applied(write: PendingWrite): void {
    if (this.#underWay.size === 0 || !this.#underWay.delete(write.connection!)) return;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    // Behind all that has come by now, and asks for its session.
    this.#clock.defer(this.#letIn);
  }

  readonly #letIn = (): void => {
    this.#isScheduled = false;
    const now = this.#clock.monotonic();
    const isOver = now >= this.#endsAt;
    const room = AT_A_TIME - (isOver ? 0 : this.#underWay.size);
    for (const connection of this.#waiting.splice(0, room)) {
      if (connection.phase !== Phase.joining) continue;
      if (!isOver) this.#underWay.add(connection);
      this.#create(connection, now);
      // A session of this server alone is there at once.
      if (connection.phase !== Phase.joining) this.#underWay.delete(connection);
    }
    if (isOver || this.#underWay.size < AT_A_TIME) this.#schedule();
  };
}

/** Enough to fill a sync, few enough to be no burden on those who come back. */
const AT_A_TIME = 200;

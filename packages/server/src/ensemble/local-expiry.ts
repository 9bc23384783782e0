import type { Clock, Logger, Timer } from '@corral/runtime';
import { type Session, type SessionTracker, sessionIdToHex } from '@corral/session';
import type { SessionOwner } from '../sessions.ts';
import type { ServerStats } from '../stats.ts';

/** Local sessions whose clients fall silent end here. */
export class LocalExpiry {
  readonly #tracker: SessionTracker<SessionOwner>;
  readonly #stats: ServerStats;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #pulse: Timer | undefined = undefined;

  constructor(tracker: SessionTracker<SessionOwner>, stats: ServerStats, clock: Clock, logger: Logger) {
    this.#tracker = tracker;
    this.#stats = stats;
    this.#clock = clock;
    this.#logger = logger;
  }

  start(excuse: (now: number) => void): void {
    this.#pulse = this.#clock.every(this.#tracker.pulseMs, () => {
      const now = this.#clock.monotonic();
      excuse(now);
      for (const session of this.#tracker.tick(now)) this.#expire(session);
    });
  }

  stop(): void {
    this.#pulse?.cancel();
  }

  #expire({ id, timeoutMs, owner }: Session<SessionOwner>): void {
    this.#stats.staleSessionsExpired.add(1);
    this.#logger.info(
      { session: sessionIdToHex(id), timeout: timeoutMs },
      'local session has expired: nothing was heard of its client for its timeout',
    );
    this.#tracker.remove(id);
    owner?.end();
  }
}

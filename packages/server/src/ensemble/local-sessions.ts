import type { Clock, Logger, Timer } from '@corral/runtime';
import { type Session, SessionTracker, sessionIdToHex } from '@corral/session';
import type { ServerConfig } from '../config.ts';
import type { Role } from '../role.ts';
import type { ServingParts } from '../serving.ts';
import type { SessionOwner, Sessions } from '../sessions.ts';
import type { ServerStats } from '../stats.ts';
import { LocalEntrance } from './local-entrance.ts';
import { LocalWrites } from './local-writes.ts';

export interface LocalSessionsOptions {
  readonly config: ServerConfig;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Asks for a session of this very id that all know; requests of the same client follow. */
  readonly createGlobal: (id: bigint, timeoutMs: number, now: number) => void;
}

/** Sessions that nobody but this server knows. */
export function localTracker(config: ServerConfig, now: number): SessionTracker<SessionOwner> | undefined {
  if (config.ensemble?.localSessionsEnabled !== true) return undefined;
  return new SessionTracker<SessionOwner>({ tickMs: config.tickTime, now });
}

/**
 * The same role with local sessions (`localSessionsEnabled`, UpgradeableSessionTracker): every new session is known to this
 * server only, no transaction makes or ends it, it expires here, and it ends with the role. One that is to have an ephemeral
 * node becomes a session of all first.
 */
export function withLocalSessions(role: Role, parts: ServingParts, options: LocalSessionsOptions): Role {
  const { config, sessions, clock, logger } = options;
  const tracker = sessions.local;
  if (tracker === undefined) return role;
  const expiry = new LocalExpiry(tracker, parts.stats, clock, logger);
  return {
    mode: role.mode,
    sessions: role.sessions,
    writes: new LocalWrites({
      inner: role.writes,
      tracker,
      sessions,
      answers: parts.answers,
      applied: parts.applied,
      refusals: parts.refusals,
      isUpgradingEnabled: config.ensemble!.localSessionsUpgradingEnabled,
      createGlobal: options.createGlobal,
      multiOperationsMax: config.multiMaxOperations,
      valueMax: parts.valueMax,
      logger,
    }),
    entrance: new LocalEntrance(role.entrance, sessions, tracker, parts.connectAnswers),
    start: (excuse) => {
      role.start(excuse);
      expiry.start(excuse);
    },
    stop: () => {
      expiry.stop();
      role.stop();
    },
    whenApplied: (passed) => role.whenApplied(passed),
  };
}

/** Local sessions whose clients fall silent end here. */
class LocalExpiry {
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

import type { Clock, Logger } from '@corral/runtime';
import { SessionTracker } from '@corral/session';
import type { ServerConfig } from '../config.ts';
import type { Role } from '../role.ts';
import type { ServingParts } from '../serving.ts';
import type { SessionOwner, Sessions } from '../sessions.ts';
import { LocalEntrance } from './local-entrance.ts';
import { LocalExpiry } from './local-expiry.ts';
import { LocalWrites } from './local-writes.ts';
import { Untransacted } from '../untransacted.ts';

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
      untransacted: new Untransacted(parts.answers, parts.applied),
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

import type { CommitListener, CommitPath } from '../commit-path.ts';
import { Primary } from '../primary.ts';
import type { Role } from '../role.ts';
import type { ServerOptions } from '../server.ts';
import type { ServingParts } from '../serving.ts';
import type { Sessions } from '../sessions.ts';
import { Syncs } from '../syncs.ts';
import type { LeaderReconfigurations } from './leader-reconfigurations.ts';
import { LeaderWrites } from './leader-writes.ts';
import { LearnerRequests } from './learner-requests.ts';
import { withLocalSessions } from './local-sessions.ts';
import type { Replica } from './replica.ts';

export interface LeaderRoleOptions {
  readonly server: ServerOptions;
  readonly replica: Replica;
  readonly sid: number;
  readonly sessions: Sessions;
  readonly reconfigurations: LeaderReconfigurations;
  readonly commitPath: (listener: CommitListener) => CommitPath;
  /** A sync of a client of this server asks for its turn. */
  readonly onSync: (token: number) => void;
  /** Touches the sessions of learners that cannot tell whom they hear. */
  readonly excuseSilent: (now: number) => void;
}

/** What a leader does with the requests of its clients, and with those that learners forward. */
export class LeaderRole implements Role {
  readonly mode: Role['mode'] = 'leader';
  readonly sessions: Sessions;
  readonly writes: LeaderWrites;
  readonly entrance: Primary['entrance'];
  readonly requests: LearnerRequests;
  /** Those of its own clients, by token. */
  readonly syncs: Syncs;
  /** As clients meet it: it, or its face with local sessions. */
  readonly face: Role;
  readonly #primary: Primary;
  readonly #excuseSilent: (now: number) => void;

  constructor(serving: ServingParts, options: LeaderRoleOptions) {
    const { server, replica, sid, sessions, reconfigurations, commitPath, onSync } = options;
    const { valueMax, applied, ...parts } = serving;
    const { config, runtime, metrics, logger } = server;
    const { clock } = runtime;
    const primary = new Primary({
      ...parts,
      mode: this.mode,
      config,
      tree: replica.tree,
      clock,
      logger,
      metrics,
      sessions,
      txnBytesMax: valueMax,
      reconfigurations,
      commitPath,
      listener: applied,
    });
    const { answers, backlog } = parts;
    this.sessions = sessions;
    this.entrance = primary.entrance;
    this.requests = new LearnerRequests({
      pipeline: primary.pipeline,
      sessions,
      clock,
      multiOperationsMax: config.multiMaxOperations,
      valueMax,
      hasLocalSessions: config.ensemble!.localSessionsEnabled,
      sid,
    });
    this.syncs = new Syncs({ answers, backlog, clock, applied, valueMax });
    this.writes = new LeaderWrites(primary.writes, this.syncs, onSync);
    this.#primary = primary;
    this.#excuseSilent = options.excuseSilent;
    this.face = withLocalSessions(this, serving, {
      config,
      sessions,
      clock,
      logger,
      createGlobal: (id, timeoutMs, now) => primary.entrance.createSession(undefined, id, timeoutMs, now),
    });
  }

  start(excuse: (now: number) => void): void {
    this.#primary.start((now) => {
      excuse(now);
      this.#excuseSilent(now);
    });
  }

  stop(): void {
    this.#primary.stop();
  }

  whenApplied(passed: () => void): void {
    this.#primary.whenApplied(passed);
  }
}

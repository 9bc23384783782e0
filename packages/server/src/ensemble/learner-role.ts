import type { QuorumPacket } from '@corral/protocol';
import type { ServerOptions } from '../server.ts';
import type { Role } from '../role.ts';
import type { ServingParts } from '../serving.ts';
import type { Sessions } from '../sessions.ts';
import { Syncs } from '../syncs.ts';
import { Forwarding } from './forwarding.ts';
import type { LearnerFigures } from './learner-figures.ts';
import { LearnerEntrance } from './learner-entrance.ts';
import { withLocalSessions } from './local-sessions.ts';
import type { Replica } from './replica.ts';

export interface LearnerRoleOptions {
  readonly server: ServerOptions;
  readonly replica: Replica;
  readonly sessions: Sessions;
  readonly isObserver: boolean;
  readonly figures: LearnerFigures;
  readonly send: (packet: QuorumPacket) => void;
}

/** What a follower or observer does with the requests of its clients: what changes anything goes to the leader. */
export class LearnerRole implements Role {
  readonly mode: Role['mode'];
  readonly sessions: Sessions;
  readonly writes: Forwarding;
  readonly entrance: LearnerEntrance;
  /** Those that wait for the leader. */
  readonly syncs: Syncs;
  /** As clients meet it: it, or its face with local sessions. */
  readonly face: Role;
  readonly #backlog: ServingParts['backlog'];
  #whenApplied: (() => void) | undefined = undefined;

  constructor(
    parts: ServingParts,
    { server, replica, sessions, isObserver, figures, send }: LearnerRoleOptions,
  ) {
    const { observer, answers, backlog, applied, connectAnswers, valueMax } = parts;
    const { config, runtime, logger } = server;
    const { clock } = runtime;
    this.mode = isObserver ? 'observer' : 'follower';
    this.sessions = sessions;
    this.#backlog = backlog;
    this.syncs = new Syncs({ answers, backlog, clock, applied, valueMax });
    this.writes = new Forwarding({
      replica,
      observer,
      sessions,
      answers,
      backlog,
      syncs: this.syncs,
      clock,
      applied,
      figures,
      valueMax,
      send,
    });
    this.entrance = new LearnerEntrance({
      sessions,
      forwarding: this.writes,
      connectAnswers,
      clock,
      logger,
      flush: () => applied.onBatchApplied(),
      send,
    });
    this.face = withLocalSessions(this, parts, {
      config,
      sessions,
      clock,
      logger,
      createGlobal: (id, timeoutMs, now) => this.writes.createSession(undefined, id, timeoutMs, now),
    });
  }

  start(): void {}

  stop(): void {}

  whenApplied(passed: () => void): void {
    this.#whenApplied = passed;
    this.settled();
  }

  /** To be called when something was answered. */
  settled(): void {
    if (this.#backlog.size === 0) this.#whenApplied?.();
  }
}

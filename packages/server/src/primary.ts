import { type ChangeObserver, type DataTree, Preparation, type Reconfigurations } from '@corral/datatree';
import type { Clock, Logger, Metrics } from '@corral/runtime';
import type { Answers } from './answers.ts';
import type { Authentication } from './auth.ts';
import type { Backlog } from './backlog.ts';
import type { CommitListener, CommitPath } from './commit-path.ts';
import type { ServerConfig } from './config.ts';
import type { ConnectAnswers } from './connect-answers.ts';
import { Containers } from './containers.ts';
import { Expiry } from './expiry.ts';
import type { ServerMode } from './four-letter-words/index.ts';
import { Pipeline, type PipelineListener } from './pipeline.ts';
import { PreparedWrites } from './prepared-writes.ts';
import { PrimaryEntrance } from './primary-entrance.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { Role, Writes } from './role.ts';
import type { Sessions } from './sessions.ts';
import type { ServerStats } from './stats.ts';

export interface PrimaryOptions {
  readonly mode: ServerMode;
  readonly config: ServerConfig;
  readonly tree: DataTree;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly authentication: Authentication;
  readonly observer: ChangeObserver;
  readonly backlog: Backlog;
  readonly answers: Answers;
  readonly connectAnswers: ConnectAnswers;
  readonly sessions: Sessions;
  readonly stats: ServerStats;
  readonly refusals: RefusalLog;
  /** What a client gets that asks for a session timeout, in milliseconds. */
  readonly negotiate: (timeoutMs: number) => number;
  /** The longest transaction that can be read back, in bytes. */
  readonly txnBytesMax: number;
  /** Of a leader. */
  readonly reconfigurations?: Reconfigurations;
  readonly commitPath: (listener: CommitListener) => CommitPath;
  /** Told of everything that is applied. */
  readonly listener: PipelineListener;
}

/** The server that turns requests into transactions, and decides who lives: it stands alone, or leads (ZAB's primary). */
export class Primary implements Role {
  readonly mode: ServerMode;
  readonly sessions: Sessions;
  readonly writes: Writes;
  readonly entrance: PrimaryEntrance;
  readonly pipeline: Pipeline;
  readonly #tree: DataTree;
  readonly #expiry: Expiry;
  readonly #containers: Containers;

  constructor(options: PrimaryOptions) {
    const { config, tree, clock, logger, metrics, answers, sessions, refusals, txnBytesMax } = options;
    this.mode = options.mode;
    this.sessions = sessions;
    this.#tree = tree;
    const preparation = new Preparation(tree, {
      skipAcl: config.skipAcl,
      enforceQuota: config.enforceQuota,
      closeSessionTxnEnabled: config.closeSessionTxnEnabled,
      reconfigEnabled: config.reconfigEnabled,
      reconfigurations: options.reconfigurations,
      txnBytesMax,
      providers: options.authentication.providers,
    });
    const pipeline = new Pipeline(
      tree,
      preparation,
      options.observer,
      options.commitPath,
      clock,
      options.backlog,
      options.listener,
      metrics,
    );
    this.pipeline = pipeline;
    this.entrance = new PrimaryEntrance(sessions, pipeline, options.connectAnswers, logger);
    this.writes = new PreparedWrites({
      pipeline,
      answers,
      sessions,
      refusals,
      negotiate: options.negotiate,
      multiOperationsMax: config.multiMaxOperations,
      valueMax: txnBytesMax,
    });
    this.#expiry = new Expiry(pipeline, clock, options.stats, logger);
    this.#containers = new Containers(tree, pipeline, config.container, clock, logger);
  }

  start(excuse: (now: number) => void): void {
    // Their sessions were lost with the end of a log, or by other hands.
    for (const owner of this.#tree.ephemeralOwners())
      if (!this.#tree.sessions.has(owner)) this.#expiry.close(owner);
    this.sessions.start(excuse, this.#expiry.expire);
    this.#containers.start();
  }

  stop(): void {
    this.sessions.stop();
    this.#containers.stop();
  }

  whenApplied(passed: () => void): void {
    this.pipeline.whenApplied(passed);
  }
}

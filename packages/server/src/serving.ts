import type { ChangeObserver, DataTree, Outcome } from '@corral/datatree';
import { OpCode, type TxnHeader } from '@corral/protocol';
import { negotiateTimeout } from '@corral/session';
import type { Connection, ConnectionHandler } from '@corral/transport';
import { Access } from './access.ts';
import { Answers } from './answers.ts';
import { AuditTrail } from './audit-trail.ts';
import { Authentication } from './auth.ts';
import { Backlog } from './backlog.ts';
import { ClientPort } from './client-port.ts';
import type { ServerConfig } from './config.ts';
import { ConnectAnswers } from './connect-answers.ts';
import { ConnectionThrottle } from './connection-throttle.ts';
import { EagerAclCheck } from './eager-acl-check.ts';
import type { ServerView } from './four-letter-words/index.ts';
import { valueMaxOf } from './from-config.ts';
import { registerGauges } from './gauges.ts';
import { Handshake } from './handshake.ts';
import { LargeRequests, ReattachGuard } from './limits.ts';
import { Newcomers } from './newcomers.ts';
import type { PendingWrite } from './pending-write.ts';
import type { PipelineListener } from './pipeline.ts';
import { Reads } from './reads.ts';
import { RefusalLog } from './refusal-log.ts';
import { RejectionLog } from './rejection-log.ts';
import { RequestWatch } from './request-watch.ts';
import { RequestThrottle } from './request-throttle.ts';
import { Requests } from './requests.ts';
import type { Role } from './role.ts';
import type { ServerOptions } from './server.ts';
import type { Sessions } from './sessions.ts';
import { SetWatchesWork } from './set-watches.ts';
import type { Snapshotting } from './snapshotting.ts';
import { ServerStats } from './stats.ts';
import { Untransacted } from './untransacted.ts';
import { type EnsembleParts, LiveView } from './view.ts';
import { Watching } from './watching.ts';

export interface ServingOptions {
  readonly server: Omit<ServerOptions, 'transport'>;
  readonly tree: DataTree;
  readonly sessions: Sessions;
  readonly snapshotting: Snapshotting;
  readonly role: (parts: ServingParts) => Role;
  /** Of a member. */
  readonly ensemble?: EnsembleParts;
  /** It has no leader, and serves clients that accept that. Default false. */
  readonly isReadOnly?: boolean;
  /** The real one, once it is open; -1 before. */
  readonly clientPort: () => number;
  /** The log, or what this server believes of its own state, is broken. It must stop at once. */
  readonly onFatal: (cause: unknown) => void;
}

/** What a role finds there. */
export interface ServingParts {
  readonly authentication: Authentication;
  /** To be told of every change of the tree. */
  readonly observer: ChangeObserver;
  readonly backlog: Backlog;
  readonly answers: Answers;
  readonly connectAnswers: ConnectAnswers;
  readonly stats: ServerStats;
  readonly refusals: RefusalLog;
  /** What a client gets that asks for a session timeout, in milliseconds. */
  readonly negotiate: (timeoutMs: number) => number;
  /** The longest string or buffer believed in a request, and the longest transaction that can be read back, in bytes. */
  readonly valueMax: number;
  /** To be told of everything that is applied. */
  readonly applied: PipelineListener;
}

/**
 * Serves clients from one tree for as long as this server has one role: connections, their requests and answers,
 * watches, sessions. Another role is another `Serving`, over the same tree.
 */
export class Serving {
  readonly view: ServerView;
  readonly #port: ClientPort;
  readonly #role: Role;
  readonly #sessions: Sessions;
  readonly #throttle: RequestThrottle | undefined;
  #isServing = false;

  constructor(options: ServingOptions) {
    const { tree, sessions, snapshotting, server } = options;
    const { config, runtime, logger, metrics } = server;
    const { clock } = runtime;
    const stats = new ServerStats(metrics);
    const refusals = new RefusalLog(logger, stats, clock);
    const watch = new RequestWatch({
      clock,
      logger,
      operations: stats.operations,
      slowRequestMs: config.slowRequestMs,
      channel: server.diagnostics?.channel('corral:server:request'),
    });
    const authentication = new Authentication(config, runtime.digests);
    const access = new Access(authentication.providers, config.skipAcl);
    const watching = new Watching(access, config.watchesMaxPerConnection, metrics);
    const backlog = new Backlog(config.globalOutstandingLimit);
    const largeRequests = new LargeRequests(config.largeRequestThreshold, config.largeRequestMaxBytes);
    const valueMax = valueMaxOf(config);
    const audit = server.audit && new AuditTrail(server.audit, config.multiMaxOperations, valueMax);
    const lastProcessedZxid = () => tree.lastProcessedZxid;
    const timeouts = sessionTimeouts(config);
    const negotiate = (timeoutMs: number) =>
      negotiateTimeout(timeoutMs, timeouts.minSessionTimeout, timeouts.maxSessionTimeout);
    // CommitProcessor, which a server that stands alone has not: how long writes of clients waited for their commit.
    const commitTime = options.ensemble && metrics.summary('write_commitproc_time_ms');
    const connectAnswers = new ConnectAnswers(sessions, options.isReadOnly ?? false);
    const answers = new Answers({
      reads: new Reads(tree, access, watching, config.multiMaxOperations),
      setWatches: new SetWatchesWork(tree, watching, clock),
      connectAnswers,
      backlog,
      largeRequests,
      refusals,
      watch,
      audit,
      now: () => clock.monotonic(),
      lastProcessedZxid,
      valueMax,
    });
    const applied: PipelineListener = {
      onApplied(
        header: TxnHeader | undefined,
        write: PendingWrite | undefined,
        outcome: Outcome,
        now: number,
      ) {
        audit?.applied(header, write, outcome);
        if (header?.type === OpCode.closeSession) sessions.closed(header.clientId, write?.connection);
        if (write === undefined) return;
        largeRequests.done(write.largeBytes);
        commitTime?.observe(now - write.receivedAt);
        if (write.connection === undefined) return;
        answers.applied(write.connection, write, outcome, now);
        newcomers.applied(write);
      },
      onBatchApplied: () => {
        this.#throttle?.release();
        this.#port.flush();
        answers.afterBatch();
        snapshotting.beginIfDue();
      },
      onFatal: options.onFatal,
    };
    const untransacted = new Untransacted(answers, applied);
    if (config.requestThrottle.maxRequests > 0)
      this.#throttle = new RequestThrottle({
        config: config.requestThrottle,
        backlog,
        largeRequests,
        untransacted,
        clock,
        metrics,
        flush: () => this.#port.flush(),
      });
    this.#role = options.role({
      authentication,
      observer: audit?.beside(watching.watches) ?? watching.watches,
      backlog,
      answers,
      connectAnswers,
      stats,
      refusals,
      negotiate,
      valueMax,
      applied,
    });
    const { entrance, writes } = this.#role;
    const newcomers = new Newcomers(
      options.isReadOnly === true ? 0 : tree.sessions.size,
      timeouts.maxSessionTimeout,
      clock,
      (connection, now) => entrance.create(connection, now),
    );
    const rejections = new RejectionLog(clock, logger);
    const checked =
      config.enableEagerAclCheck && options.ensemble !== undefined && options.isReadOnly !== true
        ? new EagerAclCheck({
            writes,
            tree,
            access,
            providers: authentication.providers,
            untransacted,
            refusals,
            valueMax,
          })
        : writes;
    const handshake = new Handshake({
      sessions,
      entrance,
      newcomers,
      throttle: new ConnectionThrottle(config.connectionThrottle, clock, runtime.random, metrics),
      rejections,
      connectAnswers,
      lastProcessedZxid,
      negotiate,
      isReadOnly: options.isReadOnly ?? false,
      reattachGuard: new ReattachGuard(),
      logger,
    });
    const requests = new Requests({
      answers,
      writes: audit?.around(checked) ?? checked,
      authentication,
      sessions,
      largeRequests,
      throttle: this.#throttle,
      watch,
      stats,
      refusals,
      logger,
      valueMax,
    });
    this.view = new LiveView({
      mode: this.#role.mode,
      config,
      clock,
      tree,
      storage: server.storage,
      sessions,
      watching,
      authentication,
      access,
      snapshotting,
      backlog,
      stats,
      watch,
      ...timeouts,
      metrics,
      version: server.version,
      environment: server.environment,
      isServing: () => this.#isServing,
      clientPort: options.clientPort,
      connections: () => this.#port.connections,
      ensemble: options.ensemble,
    });
    this.#port = new ClientPort({
      config,
      clock,
      logger,
      stats,
      rejections,
      authentication,
      handshake,
      requests,
      answers,
      watches: watching.watches,
      view: this.view,
    });
    this.#sessions = sessions;
    registerGauges(metrics, this.view, {
      stats,
      tree,
      sessions,
      watching,
      connections: () => this.#port.connections,
      startedAt: clock.monotonic(),
      clock,
    });
  }

  /** A client has come. */
  accept(link: Connection): ConnectionHandler {
    return this.#port.accept(link);
  }

  start(): void {
    const sessions = this.#sessions;
    this.#isServing = true;
    this.#port.start();
    this.#role.start((now) =>
      this.#port.excuseHeld(
        (connection) => connection.session !== undefined && sessions.touch(connection, now),
      ),
    );
  }

  /**
   * Reads nothing more, answers every write it has taken, as far as `failed` does not come before, and ends all
   * connections. Resolves when they are gone. Sessions live on, to be taken over elsewhere or after a restart.
   */
  async stop(failed: Promise<unknown>): Promise<void> {
    this.#isServing = false;
    this.#role.stop();
    this.#port.stopReading();
    await Promise.race([this.#settled(), failed]);
    this.#port.endAll();
    await this.#port.gone();
  }

  /** What was taken in has been applied, as far as this server decides it. */
  async #settled(): Promise<void> {
    await this.#throttle?.drained();
    await new Promise<void>((resolve) => this.#role.whenApplied(resolve));
  }

  /** Not another byte leaves: whoever is not answered will find out elsewhere, or from us after a restart. */
  async abort(): Promise<void> {
    this.#isServing = false;
    this.#role.stop();
    this.#throttle?.stop();
    this.#port.destroyAll();
    await this.#port.gone();
  }
}

function sessionTimeouts(config: ServerConfig): {
  readonly minSessionTimeout: number;
  readonly maxSessionTimeout: number;
} {
  const { minSessionTimeout, maxSessionTimeout, tickTime } = config;
  return {
    minSessionTimeout: minSessionTimeout === -1 ? tickTime * MIN_TIMEOUT_TICKS : minSessionTimeout,
    maxSessionTimeout: maxSessionTimeout === -1 ? tickTime * MAX_TIMEOUT_TICKS : maxSessionTimeout,
  };
}

const MIN_TIMEOUT_TICKS = 2;
const MAX_TIMEOUT_TICKS = 20;

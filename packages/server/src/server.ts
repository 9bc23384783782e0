import { type DataTreeOptions, Preparation } from '@corral/datatree';
import type { Storage } from '@corral/persistence';
import type { CollectingMetrics, Logger, Runtime, Timer } from '@corral/runtime';
import type { Address, Listener, Transport } from '@corral/transport';
import { Access } from './access.ts';
import { Answers } from './answers.ts';
import { Authentication } from './auth.ts';
import { Backlog } from './backlog.ts';
import { ClientPort } from './client-port.ts';
import { DurableLog } from './commit-path.ts';
import type { ServerConfig } from './config.ts';
import { ConnectAnswers } from './connect-answers.ts';
import { Closings } from './closings.ts';
import { Containers } from './containers.ts';
import { Expiry } from './expiry.ts';
import { APACHE_VERSION, type ServerView } from './four-letter-words/index.ts';
import { registerGauges } from './gauges.ts';
import { Handshake } from './handshake.ts';
import { LargeRequests, ReattachGuard } from './limits.ts';
import { Pipeline } from './pipeline.ts';
import { Reads } from './reads.ts';
import { recover, type Recovered } from './recovery.ts';
import { RefusalLog } from './refusal-log.ts';
import { Requests } from './requests.ts';
import { Sessions } from './sessions.ts';
import { SetWatchesWork } from './set-watches.ts';
import { Snapshotting } from './snapshotting.ts';
import { ServerStats } from './stats.ts';
import { LiveView } from './view.ts';
import { Watching } from './watching.ts';

export interface ServerOptions {
  readonly config: ServerConfig;
  readonly runtime: Runtime;
  readonly transport: Transport;
  /** Opened. It belongs to the server from here on, which closes it, also when starting fails. */
  readonly storage: Storage;
  readonly logger: Logger;
  readonly metrics: CollectingMetrics;
  /**
   * The secret behind `keyed` session passwords, 16 bytes or more. It must be the same after a restart: without it
   * one is made up, and no session survives one.
   */
  readonly sessionPasswordKey?: Uint8Array;
  /** What `srvr` calls the version: `fullVersion(...)`. */
  readonly version?: string;
  /** What `envi` shows of the machine and the process. */
  readonly environment?: () => Iterable<readonly [name: string, value: string]>;
}

export interface Server {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: Address;
  /**
   * Stops: accepts and reads nothing more, answers every write it has taken, ends all connections, syncs and closes
   * the storage. Sessions live on, to be taken over after a restart. Resolves when all of that is done.
   */
  close(): Promise<void>;
  /**
   * Resolves, with the reason, if the server had to stop by itself: after a failed sync nobody knows what is on the
   * medium, so it serves nobody from that moment. `close` is still to be called.
   */
  readonly failed: Promise<Error>;
  readonly view: ServerView;
}

/**
 * Starts a standalone server: loads what the storage holds, then listens.
 *
 * @throws PersistenceError where the storage is damaged, TransportError where the port cannot be opened
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { storage, logger } = options;
  try {
    for (const repair of storage.state.repairs)
      logger.warn({ repair }, 'storage was repaired when it was opened');
    const recovered = await recover({
      storage,
      tree: treeOptions(options),
      valueMax: options.config.juteMaxBuffer + options.config.juteMaxBufferExtraSize,
      snapshotTrustEmpty: options.config.snapshotTrustEmpty,
      clock: options.runtime.clock,
      logger,
      metrics: options.metrics,
    });
    const server = new StandaloneServer(options, recovered);
    await server.start();
    return server;
  } catch (error) {
    await storage
      .close()
      .catch((cause: unknown) => logger.error({ error: toError(cause) }, 'closing the storage failed'));
    throw error;
  }
}

class StandaloneServer implements Server {
  readonly failed: Promise<Error>;
  readonly view: ServerView;
  readonly #options: ServerOptions;
  readonly #recovered: Recovered;
  readonly #port: ClientPort;
  readonly #pipeline: Pipeline;
  readonly #sessions: Sessions;
  readonly #expiry: Expiry;
  readonly #containers: Containers;
  readonly #snapshotting: Snapshotting;
  readonly #fail: (cause: Error) => void;
  #state: 'starting' | 'serving' | 'stopping' | 'failed' = 'starting';
  #listener: Listener | undefined = undefined;
  #purge: Timer | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;

  constructor(options: ServerOptions, recovered: Recovered) {
    const { config, runtime, storage, logger, metrics } = options;
    const { clock } = runtime;
    const { tree } = recovered;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.failed = promise;
    this.#fail = resolve;
    this.#options = options;
    this.#recovered = recovered;

    const stats = new ServerStats(metrics);
    const refusals = new RefusalLog(logger, stats);
    const authentication = new Authentication(config, runtime.digests);
    const access = new Access(authentication.providers, config.skipAcl);
    const watching = new Watching(access, config.watchesMaxPerConnection, metrics);
    const backlog = new Backlog(config.globalOutstandingLimit);
    const largeRequests = new LargeRequests(config.largeRequestThreshold, config.largeRequestMaxBytes);
    const valueMax = config.juteMaxBuffer + config.juteMaxBufferExtraSize;
    const lastProcessedZxid = () => tree.lastProcessedZxid;
    const timeouts = sessionTimeouts(config);
    const sessions = new Sessions({
      tickTime: config.tickTime,
      serverId: config.serverId === 0 ? STANDALONE_ID : config.serverId,
      passwordKey: passwordKey(options),
      runtime,
      known: tree.sessions,
      metrics,
    });
    const connectAnswers = new ConnectAnswers(sessions);
    const answers = new Answers({
      reads: new Reads(tree, access, watching, config.multiMaxOperations),
      setWatches: new SetWatchesWork(tree, watching, clock),
      connectAnswers,
      backlog,
      largeRequests,
      refusals,
      now: () => clock.monotonic(),
      lastProcessedZxid,
      valueMax,
    });
    const snapshotting = new Snapshotting({
      tree,
      storage,
      replayed: recovered.replayed,
      config,
      clock,
      random: runtime.random,
      logger,
      metrics,
    });
    const preparation = new Preparation(tree, {
      skipAcl: config.skipAcl,
      enforceQuota: config.enforceQuota,
      closeSessionTxnEnabled: config.closeSessionTxnEnabled,
      reconfigEnabled: config.reconfigEnabled,
      txnBytesMax: valueMax,
      providers: authentication.providers,
    });
    const closings = new Closings(sessions);
    const pipeline = new Pipeline(
      tree,
      preparation,
      watching.watches,
      (listener) => new DurableLog(storage.log, clock, metrics, listener),
      clock,
      backlog,
      {
        onApplied(write, outcome, now) {
          largeRequests.done(write.largeBytes);
          closings.applied(write);
          if (write.connection !== undefined) answers.applied(write.connection, write, outcome, now);
        },
        onBatchApplied: () => {
          this.#port.flush();
          answers.afterBatch();
          snapshotting.beginIfDue();
        },
        onFatal: (cause) => this.#stopAtOnce(cause),
      },
      metrics,
    );
    const handshake = new Handshake({
      sessions,
      pipeline,
      connectAnswers,
      lastProcessedZxid,
      ...timeouts,
      reattachGuard: new ReattachGuard(),
      logger,
    });
    const requests = new Requests({
      answers,
      pipeline,
      handshake,
      authentication,
      sessions,
      largeRequests,
      stats,
      refusals,
      logger,
      multiOperationsMax: config.multiMaxOperations,
      valueMax,
    });
    this.view = new LiveView({
      config,
      clock,
      tree,
      storage,
      sessions,
      watching,
      backlog,
      stats,
      ...timeouts,
      metrics,
      version: options.version ?? APACHE_VERSION,
      environment: options.environment,
      isServing: () => this.#state === 'serving',
      clientPort: () => this.#listener?.address.port ?? -1,
      connections: () => this.#port.connections,
    });
    this.#port = new ClientPort({
      config,
      clock,
      logger,
      stats,
      authentication,
      handshake,
      requests,
      answers,
      watches: watching.watches,
      view: this.view,
    });
    registerGauges(metrics, this.view, { stats, tree, watching, startedAt: clock.monotonic(), clock });
    this.#pipeline = pipeline;
    this.#sessions = sessions;
    this.#expiry = new Expiry(pipeline, clock, stats, logger);
    this.#containers = new Containers(tree, pipeline, config.container, clock, logger);
    this.#snapshotting = snapshotting;
  }

  get address(): Address {
    return this.#listener!.address;
  }

  async start(): Promise<void> {
    const { config, transport, storage, runtime, logger } = this.#options;
    const { tree, wantsSnapshot } = this.#recovered;
    const hasSnapshot = (await storage.snapshots.list()).length > 0;
    // Never a log without a snapshot under it: a later start could not tell it from one that was lost.
    if (!hasSnapshot) await this.#snapshotting.take();
    // Their sessions were lost with the end of a log, or by other hands.
    for (const owner of tree.ephemeralOwners()) if (!tree.sessions.has(owner)) this.#expiry.close(owner);
    this.#listener = await transport.listen(listenOptions(config), (link) => this.#port.accept(link));
    this.#state = 'serving';
    this.#port.start();
    const { tracker } = this.#sessions;
    this.#sessions.start(
      (now) => this.#port.excuseHeld(({ session }) => session !== undefined && tracker.touch(session, now)),
      this.#expiry.expire,
    );
    this.#containers.start();
    const { intervalMs } = config.autopurge;
    if (intervalMs > 0)
      this.#purge = runtime.clock.every(intervalMs, () => this.#snapshotting.purgeInBackground());
    if (hasSnapshot && wantsSnapshot) this.#snapshotting.begin();
    // Much may have been replayed: the next start need not do it again.
    else this.#snapshotting.beginIfDue();
    logger.info({ host: this.address.host, port: this.address.port }, 'serving');
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { storage, logger } = this.#options;
    const hadFailed = this.#state === 'failed';
    if (!hadFailed) this.#state = 'stopping';
    this.#stopTimers();
    await this.#listener?.close();
    if (!hadFailed) {
      this.#port.stopReading();
      await Promise.race([new Promise<void>((resolve) => this.#pipeline.whenApplied(resolve)), this.failed]);
      this.#port.endAll();
    }
    await this.#port.gone();
    await this.#snapshotting.stop();
    await storage.close();
    logger.info({}, 'stopped');
  }

  /** Not another byte leaves: whoever is not answered will find out elsewhere, or from us after a restart. */
  #stopAtOnce(cause: unknown): void {
    const error = toError(cause);
    this.#state = 'failed';
    this.#options.metrics.counter('unrecoverable_error_count').add(1);
    this.#options.logger.error({ error }, 'the server cannot go on, and stops at once');
    this.#stopTimers();
    this.#port.destroyAll();
    void this.#listener?.close();
    this.#fail(error);
  }

  #stopTimers(): void {
    this.#sessions.stop();
    this.#containers.stop();
    this.#purge?.cancel();
  }
}

function treeOptions({ config, runtime }: ServerOptions): DataTreeOptions {
  const seed = runtime.random.bytes(8);
  const view = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
  return {
    digestEnabled: config.digestEnabled,
    extendedTypesEnabled: config.extendedTypesEnabled,
    emulate353TTLNodes: config.emulate353TtlNodes,
    hashSeed: [view.getUint32(0), view.getUint32(4)],
  };
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

function passwordKey({ config, runtime, sessionPasswordKey, logger }: ServerOptions): Uint8Array | undefined {
  if (config.sessionPasswords === 'apache') return undefined;
  if (sessionPasswordKey !== undefined) return sessionPasswordKey;
  logger.warn({}, 'no key for session passwords: sessions of today cannot be taken over after a restart');
  return runtime.random.bytes(32);
}

function listenOptions(config: ServerConfig): Parameters<Transport['listen']>[0] {
  const { clientPortAddress: host, clientPort: port, clientPortListenBacklog: backlog } = config;
  const keepAlive = config.clientTcpKeepAlive;
  return backlog > 0 ? { host, port, keepAlive, backlog } : { host, port, keepAlive };
}

function toError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}

/** The top byte of the session ids of a server that has no id. */
const STANDALONE_ID = 1;
const MIN_TIMEOUT_TICKS = 2;
const MAX_TIMEOUT_TICKS = 20;

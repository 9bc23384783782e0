import { type DataTree, SnapshotLoader } from '@corral/datatree';
import { nextZxid, type Zxid, ZXID_NONE, zxidToHex } from '@corral/protocol';
import type { Timer } from '@corral/runtime';
import type { Address, Listener } from '@corral/transport';
import { closeListeners, openListeners } from './client-listeners.ts';
import { DurableLog } from './commit-path.ts';
import type { ServerView } from './four-letter-words/index.ts';
import { forgetHistory, forgetLostHistory } from './forget-history.ts';
import { clientListenOptions, treeOptions, valueMaxOf } from './from-config.ts';
import { Primary } from './primary.ts';
import { recover, type Recovered } from './recovery.ts';
import type { Server, ServerOptions, SnapshotSource } from './server.ts';
import { Serving } from './serving.ts';
import { Sessions, trackerOf } from './sessions.ts';
import { Snapshotting } from './snapshotting.ts';
import { toError } from './to-error.ts';

/** A server that stands alone: what is durable here is committed. */
export class StandaloneServer implements Server {
  readonly failed: Promise<Error>;
  readonly #options: ServerOptions;
  readonly #wantsSnapshot: boolean;
  #tree: DataTree;
  #serving: Serving;
  #snapshotting: Snapshotting;
  #isRestoring = false;
  /** One tree takes the place of another. */
  #exchanging: Promise<void> | undefined = undefined;
  readonly #fail: (cause: Error) => void;
  readonly #passwordKey: Uint8Array | undefined;
  #hasFailed = false;
  /** That of the client port first. */
  #listeners: readonly Listener[] = [];
  #purge: Timer | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;

  /** @throws PersistenceError where the storage is damaged, TransportError where the port cannot be opened */
  static async start(options: ServerOptions): Promise<StandaloneServer> {
    const { config, runtime, storage, logger, metrics } = options;
    const recovered = await recover({
      storage,
      tree: treeOptions(config, runtime.random),
      valueMax: valueMaxOf(config),
      snapshotTrustEmpty: config.snapshotTrustEmpty,
      clock: runtime.clock,
      logger,
      metrics,
    });
    await forgetLostHistory(storage, recovered);
    const server = new StandaloneServer(options, recovered);
    await server.#start();
    return server;
  }

  private constructor(options: ServerOptions, recovered: Recovered) {
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.failed = promise;
    this.#fail = resolve;
    this.#options = options;
    this.#wantsSnapshot = recovered.wantsSnapshot;
    this.#passwordKey = passwordKey(options);
    this.#tree = recovered.tree;
    this.#snapshotting = this.#snapshottingOf(recovered.tree, recovered.replayed);
    this.#serving = this.#servingOf(recovered.tree, this.#snapshotting);
  }

  get view(): ServerView {
    return this.#serving.view;
  }

  get address(): Address {
    return this.#listeners[0]!.address;
  }

  async #start(): Promise<void> {
    const { config, transport, alsoListen = [], storage, runtime, logger } = this.#options;
    const hasSnapshot = (await storage.snapshots.list()).length > 0;
    // Never a log without a snapshot under it: a later start could not tell it from one that was lost.
    if (!hasSnapshot) await this.#snapshotting.take();
    this.#listeners = await openListeners(
      [{ transport, where: clientListenOptions(config) }, ...alsoListen],
      (link) => this.#serving.accept(link),
    );
    this.#serving.start();
    const { intervalMs } = config.autopurge;
    if (intervalMs > 0)
      this.#purge = runtime.clock.every(intervalMs, () => this.#snapshotting.purgeInBackground());
    if (hasSnapshot && this.#wantsSnapshot) this.#snapshotting.begin();
    // Much may have been replayed: the next start need not do it again.
    else this.#snapshotting.beginIfDue();
    logger.info({ host: this.address.host, port: this.address.port }, 'serving');
  }

  async restore(source: SnapshotSource): Promise<Zxid> {
    if (this.#isRestoring) throw new RangeError('a tree is being restored');
    this.#isRestoring = true;
    const { clock } = this.#options.runtime;
    const begun = clock.monotonic();
    try {
      const tree = await this.#load(source);
      this.#mustBeUp();
      const exchange = this.#exchange(tree);
      this.#exchanging = exchange.catch(() => {});
      await exchange;
      this.#options.metrics.summary('restore_time').observe(clock.monotonic() - begun);
      return tree.lastProcessedZxid;
    } finally {
      this.#isRestoring = false;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #load(source: SnapshotSource): Promise<DataTree> {
    const { config, runtime } = this.#options;
    const loader = new SnapshotLoader(treeOptions(config, runtime.random), valueMaxOf(config));
    const { digest, lastProcessedZxid = ZXID_NONE } = await source.load(loader);
    return loader.finish(lastProcessedZxid, digest);
  }

  async #exchange(tree: DataTree): Promise<void> {
    const { storage, logger } = this.#options;
    await this.#serving.stop(this.failed);
    await this.#snapshotting.stop();
    try {
      this.#mustBeUp();
      // Above all that the log has: where a crash comes before that is gone, none of it is replayed on this tree.
      const next = nextZxid(this.#tree.lastProcessedZxid);
      if (tree.lastProcessedZxid < next) tree.lastProcessedZxid = next;
      await this.#snapshottingOf(tree, 0).take();
    } catch (error) {
      this.#serveAgain();
      throw error;
    }
    this.#tree = tree;
    try {
      await forgetHistory(storage);
    } catch (error) {
      this.#stopAtOnce(error);
      throw error;
    }
    this.#serveAgain();
    const zxid = zxidToHex(tree.lastProcessedZxid);
    logger.warn({ zxid, nodes: tree.nodeCount, sessions: tree.sessions.size }, 'another tree was restored');
  }

  #serveAgain(): void {
    if (this.#hasFailed || this.#closing !== undefined) return;
    this.#snapshotting = this.#snapshottingOf(this.#tree, 0);
    this.#serving = this.#servingOf(this.#tree, this.#snapshotting);
    this.#serving.start();
  }

  #mustBeUp(): void {
    if (this.#hasFailed || this.#closing !== undefined) throw new RangeError('the server is stopping');
  }

  async #close(): Promise<void> {
    const { storage, logger } = this.#options;
    this.#purge?.cancel();
    await this.#exchanging;
    await closeListeners(this.#listeners);
    await (this.#hasFailed ? this.#serving.abort() : this.#serving.stop(this.failed));
    await this.#snapshotting.stop();
    await storage.close();
    logger.info({}, 'stopped');
  }

  #snapshottingOf(tree: DataTree, replayed: number): Snapshotting {
    const { config, runtime, storage, logger, metrics } = this.#options;
    const { clock, random } = runtime;
    return new Snapshotting({ tree, storage, replayed, config, clock, random, logger, metrics });
  }

  #servingOf(tree: DataTree, snapshotting: Snapshotting): Serving {
    const { config, runtime, storage, logger, metrics } = this.#options;
    const { clock } = runtime;
    const sessions = new Sessions({
      tracker: trackerOf(tree.sessions, config.tickTime, clock.monotonic()),
      serverId: config.serverId === 0 ? STANDALONE_ID : config.serverId,
      passwordKey: this.#passwordKey,
      runtime,
      known: tree.sessions,
      metrics,
    });
    return new Serving({
      server: this.#options,
      tree,
      sessions,
      snapshotting,
      role: ({ valueMax, applied, ...parts }) =>
        new Primary({
          ...parts,
          mode: 'standalone',
          config,
          tree,
          clock,
          logger,
          metrics,
          sessions,
          txnBytesMax: valueMax,
          commitPath: (listener) => new DurableLog(storage.log, clock, metrics, listener),
          listener: applied,
        }),
      clientPort: () => this.#listeners[0]?.address.port ?? -1,
      onFatal: (cause) => this.#stopAtOnce(cause),
    });
  }

  #stopAtOnce(cause: unknown): void {
    const error = toError(cause);
    this.#hasFailed = true;
    this.#options.metrics.counter('unrecoverable_error_count').add(1);
    this.#options.logger.error({ error }, 'the server cannot go on, and stops at once');
    this.#purge?.cancel();
    void this.#serving.abort();
    void closeListeners(this.#listeners);
    this.#fail(error);
  }
}

function passwordKey({ config, runtime, sessionPasswordKey, logger }: ServerOptions): Uint8Array | undefined {
  if (config.sessionPasswords === 'apache') return undefined;
  if (sessionPasswordKey !== undefined) return sessionPasswordKey;
  logger.warn({}, 'no key for session passwords: sessions of today cannot be taken over after a restart');
  return runtime.random.bytes(32);
}

/** The top byte of the session ids of a server that has no id. */
const STANDALONE_ID = 1;

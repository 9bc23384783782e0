import type { Timer } from '@corral/runtime';
import type { Address, Listener } from '@corral/transport';
import { closeListeners, openListeners } from './client-listeners.ts';
import { DurableLog } from './commit-path.ts';
import type { ServerView } from './four-letter-words/index.ts';
import { clientListenOptions, treeOptions, valueMaxOf } from './from-config.ts';
import { Primary } from './primary.ts';
import { recover, type Recovered } from './recovery.ts';
import type { Server, ServerOptions } from './server.ts';
import { Serving } from './serving.ts';
import { Sessions, trackerOf } from './sessions.ts';
import { Snapshotting } from './snapshotting.ts';
import { toError } from './to-error.ts';

/** A server that stands alone: what is durable here is committed. */
export class StandaloneServer implements Server {
  readonly failed: Promise<Error>;
  readonly #options: ServerOptions;
  readonly #recovered: Recovered;
  readonly #serving: Serving;
  readonly #snapshotting: Snapshotting;
  readonly #fail: (cause: Error) => void;
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
    const server = new StandaloneServer(options, recovered);
    await server.#start();
    return server;
  }

  private constructor(options: ServerOptions, recovered: Recovered) {
    const { config, runtime, storage, logger, metrics } = options;
    const { clock, random } = runtime;
    const { tree, replayed } = recovered;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.failed = promise;
    this.#fail = resolve;
    this.#options = options;
    this.#recovered = recovered;
    const snapshotting = new Snapshotting({
      tree,
      storage,
      replayed,
      config,
      clock,
      random,
      logger,
      metrics,
    });
    const sessions = new Sessions({
      tracker: trackerOf(tree.sessions, config.tickTime, clock.monotonic()),
      serverId: config.serverId === 0 ? STANDALONE_ID : config.serverId,
      passwordKey: passwordKey(options),
      runtime,
      known: tree.sessions,
      metrics,
    });
    this.#snapshotting = snapshotting;
    this.#serving = new Serving({
      server: options,
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
    if (hasSnapshot && this.#recovered.wantsSnapshot) this.#snapshotting.begin();
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
    this.#purge?.cancel();
    await closeListeners(this.#listeners);
    await (this.#hasFailed ? this.#serving.abort() : this.#serving.stop(this.failed));
    await this.#snapshotting.stop();
    await storage.close();
    logger.info({}, 'stopped');
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

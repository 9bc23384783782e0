import type { Storage } from '@corral/persistence';
import type { CollectingMetrics, Logger, Runtime, Timer } from '@corral/runtime';
import type { Address, Listener, Transport } from '@corral/transport';
import { DurableLog } from './commit-path.ts';
import type { ServerConfig } from './config.ts';
import type { ServerView } from './four-letter-words/index.ts';
import { clientListenOptions, treeOptions } from './from-config.ts';
import { Primary } from './primary.ts';
import { recover, type Recovered } from './recovery.ts';
import { Serving } from './serving.ts';
import { Sessions, trackerOf } from './sessions.ts';
import { Snapshotting } from './snapshotting.ts';
import { toError } from './to-error.ts';

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
      tree: treeOptions(options.config, options.runtime.random),
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
  readonly #options: ServerOptions;
  readonly #recovered: Recovered;
  readonly #serving: Serving;
  readonly #snapshotting: Snapshotting;
  readonly #fail: (cause: Error) => void;
  #hasFailed = false;
  #listener: Listener | undefined = undefined;
  #purge: Timer | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;

  constructor(options: ServerOptions, recovered: Recovered) {
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
      clientPort: () => this.#listener?.address.port ?? -1,
      onFatal: (cause) => this.#stopAtOnce(cause),
    });
  }

  get view(): ServerView {
    return this.#serving.view;
  }

  get address(): Address {
    return this.#listener!.address;
  }

  async start(): Promise<void> {
    const { config, transport, storage, runtime, logger } = this.#options;
    const hasSnapshot = (await storage.snapshots.list()).length > 0;
    // Never a log without a snapshot under it: a later start could not tell it from one that was lost.
    if (!hasSnapshot) await this.#snapshotting.take();
    this.#listener = await transport.listen(clientListenOptions(config), (link) =>
      this.#serving.accept(link),
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
    await this.#listener?.close();
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
    void this.#listener?.close();
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

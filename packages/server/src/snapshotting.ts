import { type DataTree, SnapshotImage } from '@corral/datatree';
import type { SnapshotInfo, SnapshotSink, Storage } from '@corral/persistence';
import type { Clock, Counter, Logger, Metrics, Random, Summary } from '@corral/runtime';
import type { ServerConfig } from './config.ts';
import { zxidToHex } from '@corral/protocol';
import { toError } from './to-error.ts';

export interface SnapshottingOptions {
  readonly tree: DataTree;
  readonly storage: Storage;
  /** Transactions replayed at the start: they count as if they had just been written. */
  readonly replayed: number;
  readonly config: Pick<ServerConfig, 'snapCount' | 'snapSizeLimitInKb' | 'autopurge'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * When snapshots are taken, and how: in slices of about a millisecond between which everybody is served, from an
 * image that stays as it was when the snapshot began.
 */
export class Snapshotting {
  readonly #o: SnapshottingOptions;
  readonly #time: Summary;
  readonly #errors: Counter;
  #entriesMax = 0;
  #bytesMax = 0;
  #replayed: number;
  #running: Promise<void> | undefined = undefined;
  #isStopped = false;

  constructor(options: SnapshottingOptions) {
    this.#o = options;
    this.#replayed = options.replayed;
    this.#time = options.metrics.summary('snapshottime');
    this.#errors = options.metrics.counter('snapshot_error_count');
    this.#draw();
  }

  /** Begins a snapshot if the log has grown enough since the last one. Asked after every batch. */
  beginIfDue(): void {
    const { entries, bytes } = this.#o.storage.log.sinceRoll;
    if (this.#replayed + entries <= this.#entriesMax && bytes <= this.#bytesMax) return;
    this.#replayed = 0;
    this.#draw();
    this.begin();
  }

  /** Begins a snapshot of the tree as it is now, unless one is being taken. */
  begin(): void {
    if (this.#isStopped) return;
    if (this.#running !== undefined) {
      this.#o.storage.log.roll();
      this.#o.logger.warn({}, 'a snapshot is still being taken, skipping this one');
      return;
    }
    this.#running = this.#guarded(
      this.take().then(() => this.purge()),
      'snapshot failed',
    );
  }

  /** Takes one for somebody who asks for it, after the one that is being taken. */
  async takeNow(): Promise<SnapshotInfo> {
    while (this.#running !== undefined) await this.#running;
    if (this.#isStopped) throw new Error('the server is stopping');
    const taking = this.take();
    this.#running = this.#guarded(
      taking.then(() => this.purge()),
      'snapshot failed',
    );
    return taking;
  }

  /** Resolves when the snapshot is durable. Not to be called while one is being taken. */
  async take(): Promise<SnapshotInfo> {
    const { tree, storage, clock, logger } = this.#o;
    const begun = clock.monotonic();
    storage.log.roll();
    const image = new SnapshotImage(tree);
    let sink: SnapshotSink | undefined;
    try {
      sink = await storage.snapshots.create(image.zxid);
      await this.#write(image, sink);
      const info = await sink.commit({ digest: image.digest, lastProcessedZxid: image.zxid });
      const ms = clock.monotonic() - begun;
      this.#time.observe(ms);
      logger.info({ snapshot: info.name, bytes: info.bytes, ms: Math.round(ms) }, 'snapshot taken');
      return info;
    } catch (error) {
      image.abort();
      await sink?.abort();
      throw error;
    }
  }

  /** `purge` by the clock, unless a snapshot is being taken, which ends with one. */
  purgeInBackground(): void {
    if (this.#running !== undefined || this.#isStopped) return;
    this.#running = this.#guarded(this.purge(), 'purge failed');
  }

  /** Lets go of snapshots beyond those to be kept, and of the log that only they needed. */
  async purge(): Promise<void> {
    const { storage, config, logger } = this.#o;
    if (config.autopurge.intervalMs <= 0) return;
    const retain = Math.max(config.autopurge.snapRetainCount, RETAIN_MIN);
    const oldest = (await storage.snapshots.list()).slice(0, retain).at(-1);
    if (oldest === undefined) return;
    const removed = [...(await storage.snapshots.purge(retain)), ...(await storage.log.purge(oldest.zxid))];
    if (removed.length > 0) {
      logger.info(
        { removed: removed.join(' '), oldest: zxidToHex(oldest.zxid) },
        'old snapshots and logs purged',
      );
    }
  }

  /** Begins no more, gives up the one being taken, and resolves when it is out of the way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  /** The log has everything: a server without a new snapshot is slower to start, not wrong. */
  async #guarded(work: Promise<void>, message: string): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (this.#isStopped) return this.#o.logger.info({}, 'snapshot given up, the server is stopping');
      this.#errors.add(1);
      this.#o.logger.error({ error: toError(error) }, message);
    } finally {
      this.#running = undefined;
    }
  }

  async #write(image: SnapshotImage, sink: SnapshotSink): Promise<void> {
    const { clock } = this.#o;
    let sliceEndsAt = clock.monotonic() + SLICE_MS;
    for (let chunk = image.next(CHUNK_BYTES); chunk !== undefined; chunk = image.next(CHUNK_BYTES)) {
      await sink.write(chunk);
      if (this.#isStopped) throw new Error('the server is stopping');
      if (clock.monotonic() < sliceEndsAt) continue;
      await new Promise<void>((resolve) => clock.defer(resolve));
      sliceEndsAt = clock.monotonic() + SLICE_MS;
    }
  }

  /** Between half of the limit and all of it, so that the members of an ensemble do not all take theirs at once. */
  #draw(): void {
    const { config, random } = this.#o;
    const half = Math.floor(config.snapCount / 2);
    this.#entriesMax = half + random.below(Math.max(half, 1));
    const halfKb = Math.floor(config.snapSizeLimitInKb / 2);
    this.#bytesMax =
      config.snapSizeLimitInKb > 0
        ? (halfKb + random.below(Math.max(halfKb, 1))) * 1024
        : Number.POSITIVE_INFINITY;
  }
}

const CHUNK_BYTES = 64 * 1024;
const SLICE_MS = 1;
/** Apache's: fewer would leave nothing to fall back on. */
const RETAIN_MIN = 3;

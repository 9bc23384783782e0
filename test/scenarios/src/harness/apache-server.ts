import type { DataTree } from '@corral/datatree';
import type { SnapshotTrailer } from '@corral/persistence';
import { toZxid, type Zxid } from '@corral/protocol';
import { noMetrics, silentLogger } from '@corral/runtime';
import { recover } from '@corral/server';
// @boundaries-ignore the trees of the state machine's own specs serve here too; they are not packed
import { describeTree } from '../../../../packages/datatree/test/describe-tree.ts';
// @boundaries-ignore the trees of the state machine's own specs serve here too; they are not packed
import { fuzzyImage } from '../../../../packages/datatree/test/fuzzy-image.ts';
// @boundaries-ignore the trees of the state machine's own specs serve here too; they are not packed
import { open, Replica, TREE_OPTIONS } from '../../../../packages/datatree/test/replica.ts';
import { ServerOnDisk } from './server-on-disk.ts';
import { World } from './server-specs.ts';

export { describeTree, open };

interface Snapshot {
  readonly zxid: Zxid;
  readonly body: Uint8Array;
  readonly trailer: SnapshotTrailer;
}

/**
 * An Apache server whose disk a Corral server is to start on. Its snapshots are fuzzy: the tree goes on changing while
 * the nodes are written one after the other.
 */
export class ApacheServer extends Replica {
  readonly #snapshots: Snapshot[] = [];

  /**
   * Takes a snapshot, named by the zxid at which it is begun, as Apache's is today.
   *
   * @param meanwhile what happens just before the walk over the tree gets to a path; children are walked from the last
   *   to the first
   * @returns the paths of what is in it
   */
  snapshot(meanwhile: Readonly<Record<string, () => void>> = {}): string[] {
    const zxid = this.tree.lastProcessedZxid;
    const image = fuzzyImage(this.tree);
    const left = new Map(Object.entries(meanwhile));
    const written: string[] = [];
    let step = image.next();
    for (; step.done !== true; step = image.next()) {
      const happens = left.get(step.value);
      left.delete(step.value);
      happens?.();
      if (this.tree.find(step.value) !== 0) written.push(step.value);
    }
    if (left.size > 0) throw new Error(`the walk never came to ${[...left.keys()].join()}`);
    this.#snapshots.push({
      zxid,
      body: step.value,
      trailer: { lastProcessedZxid: this.tree.lastProcessedZxid },
    });
    return written;
  }

  /** As if the newest snapshot had been named when it was done: the bugs of old. */
  nameLate(): void {
    const newest = this.#snapshots.pop()!;
    this.#snapshots.push({ ...newest, zxid: newest.trailer.lastProcessedZxid! });
  }

  /** As if older than 3.9: no snapshot says how far it has seen, so the log may end anywhere. */
  omitTrailers(): void {
    for (const [i, snapshot] of this.#snapshots.entries()) this.#snapshots[i] = { ...snapshot, trailer: {} };
  }

  /** Its data directory, in the files of Apache. @param entries of its log, where not all of them were durable */
  async disk(entries: number = this.log.length): Promise<ServerOnDisk> {
    const server = new ServerOnDisk();
    const storage = await server.open();
    const begun = await storage.snapshots.create(toZxid(0));
    await begun.write(EMPTY_BODY);
    await begun.commit({});
    for (const [i, entry] of this.log.slice(0, entries).entries()) storage.log.append(toZxid(i + 1), entry);
    await storage.log.sync();
    for (const { zxid, body, trailer } of this.#snapshots) {
      const sink = await storage.snapshots.create(zxid);
      await sink.write(body);
      await sink.commit(trailer);
    }
    await storage.close();
    return server;
  }

  /** The tree that a Corral server has after it started on that disk. */
  async recovered(entries?: number): Promise<DataTree> {
    const storage = await (await this.disk(entries)).open();
    const { tree } = await recover({
      storage,
      tree: TREE_OPTIONS,
      valueMax: 1 << 21,
      snapshotTrustEmpty: false,
      clock: new World().runtime.clock,
      logger: silentLogger,
      metrics: noMetrics(),
    });
    await storage.close();
    return tree;
  }
}

/** A new tree, as Apache writes it. */
const EMPTY_BODY = emptyBody();

function emptyBody(): Uint8Array {
  const image = fuzzyImage(new Replica().tree);
  for (;;) {
    const step = image.next();
    if (step.done === true) return step.value;
  }
}

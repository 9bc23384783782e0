import { decodeTxn, type Zxid } from '@corral/protocol';
import { describe, expect, test } from 'vitest';
import { describeTree } from '../test/describe-tree.ts';
import { fuzzyImage } from '../test/fuzzy-image.ts';
import { History } from '../test/history.ts';
import { Random } from '../test/random.ts';
import { Replica, TREE_OPTIONS } from '../test/replica.ts';
import { DataTree, SnapshotImage, SnapshotLoader } from './index.ts';

const SEEDS = [1, 2, 3, 4];
const STEPS = 800;

describe.each(SEEDS)('any history (seed %i)', (seed) => {
  test('prepared with many requests in flight gives every transaction the digest of the tree it makes', () => {
    const replica = runHistory(seed);
    expect(replica.tree.digests.mismatchCount).toBe(0);
    expect(replica.preparation.pendingCount).toBe(0);
  });

  test('gives the same tree wherever its log is applied', () => {
    const replica = runHistory(seed);
    expect(describeTree(replay(new DataTree(TREE_OPTIONS), replica.log))).toEqual(describeTree(replica.tree));
  });

  test('applied twice gives the same tree as applied once: replay is idempotent', () => {
    const replica = runHistory(seed);
    const twice = replay(replay(new DataTree(TREE_OPTIONS), replica.log), replica.log);
    expect(describeTree(twice)).toEqual(describeTree(replica.tree));
  });

  test('leaves nothing behind when its nodes are deleted: every index and store is as in a fresh tree', () => {
    const replica = runHistory(seed);
    for (const id of replica.tree.sessions.keys()) replica.closeSession(id);
    for (const id of replica.tree.ephemeralOwners()) replica.closeSession(id);
    const builtIn = new Set(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']);
    const paths = Object.keys(describeTree(replica.tree)['nodes'] as object).filter(
      (path) => !builtIn.has(path),
    );
    for (const path of paths.toSorted((a, b) => b.length - a.length))
      expect(replica.delete(path).error).toBe(0);
    const fresh = new DataTree(TREE_OPTIONS);
    expect(replica.tree.nodeCount).toBe(fresh.nodeCount);
    expect(replica.tree.aclCount).toBe(fresh.aclCount);
    expect(replica.tree.approximateDataSize).toBe(fresh.approximateDataSize);
    expect(replica.tree.listQuotas()).toEqual([]);
    expect(replica.tree.state.owners.containers.size + replica.tree.state.owners.ttls.size).toBe(0);
    expect(replica.tree.digests.mismatchCount).toBe(0);
  });

  test('can be cut anywhere by a snapshot taken in slices: image and rest of the log make the live tree', () => {
    const random = new Random(seed + 1000);
    const images: { image: SnapshotImage; chunks: Uint8Array[]; tree: unknown }[] = [];
    const replica = runHistory(seed, (live) => {
      if (random.below(100) === 0 && images.length < 4) {
        const image = new SnapshotImage(live.tree);
        images.push({ image, chunks: [], tree: describeTree(live.tree) });
      }
      for (const { image, chunks } of images) {
        if (random.below(4) > 0) continue;
        const chunk = image.next(1 + random.below(500));
        if (chunk !== undefined) chunks.push(chunk.slice());
      }
    });
    expect(images.length).toBeGreaterThan(0);
    for (const { image, chunks, tree } of images) {
      for (let chunk = image.next(100); chunk !== undefined; chunk = image.next(100))
        chunks.push(chunk.slice());
      const loader = new SnapshotLoader(TREE_OPTIONS);
      for (const chunk of chunks) expect(loader.push(chunk)).toBe(chunk.length);
      const loaded = loader.finish(image.zxid, image.digest);
      expect(describeTree(loaded)).toEqual(tree);
      expect(describeTree(replay(loaded, replica.log))).toEqual(describeTree(replica.tree));
      expect(loaded.digests.mismatchCount).toBe(0);
    }
  });

  test('can be cut by a snapshot as Apache takes it, each node of another moment, and replay puts it right', () => {
    let image: Generator<string, Uint8Array> | undefined;
    let body: Uint8Array | undefined;
    let zxid = 0 as Zxid;
    const random = new Random(seed + 2000);
    const replica = runHistory(seed, (live) => {
      if (live.log.length < 300 || body !== undefined || random.below(3) > 0) return;
      if (image === undefined) zxid = live.tree.lastProcessedZxid;
      image ??= fuzzyImage(live.tree);
      const { done, value } = image.next();
      if (done === true) body = value;
    });
    const loader = new SnapshotLoader(TREE_OPTIONS);
    expect(loader.push(body!)).toBe(body!.length);
    const replayed = replay(loader.finish(zxid), replica.log);
    expect(describeTree(replayed)).toEqual(describeTree(replica.tree));
  });
});

/** Runs requests, up to eleven in flight, and calls `between` before each. */
function runHistory(seed: number, between?: (replica: Replica) => void): Replica {
  const random = new Random(seed);
  const history = new History(random);
  const replica = new Replica();
  for (const step of History.beginning()) replica.do(step.type, step.request, step);
  for (let i = 0; i < STEPS; i++) {
    between?.(replica);
    const step = history.next();
    replica.prepare(step.type, step.request, step);
    while (replica.inFlight.length > random.below(12)) replica.applyNext();
  }
  replica.applyAll();
  return replica;
}

/** Applies what is behind the tree. */
function replay(tree: DataTree, log: readonly Uint8Array[]): DataTree {
  const from = tree.lastProcessedZxid;
  for (const entry of log) {
    const txn = decodeTxn(entry);
    if (txn.header.zxid > from || from === log.length) tree.apply(txn, undefined);
  }
  return tree;
}

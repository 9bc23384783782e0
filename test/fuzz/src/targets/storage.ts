import { gzipSync } from 'node:zlib';
import { PlainDisk } from '@corral-test/server-on-storage/plain-disk';
import { DataTree, SnapshotError, SnapshotImage, SnapshotLoader } from '@corral/datatree';
import { JuteError } from '@corral/jute';
import { PersistenceError } from '@corral/persistence';
import { fileStorage, type FileStorageOptions } from '@corral/persistence-file';
import { decodeTxn, zxidOf } from '@corral/protocol';
import { noMetrics, silentLogger } from '@corral/runtime';
import { simulatedRuntime } from '@corral/runtime/simulated';
import { recover } from '@corral/server';
import { joined } from '../damage.ts';
import { pieces } from '../input.ts';
import { type Target, TWO_FRAMES } from '../target.ts';
import { entry } from './transactions.ts';
import { TREE_OPTIONS } from './tree-options.ts';

const BOMB = packed(new Uint8Array(1 << 24));
/** What a tree takes before it has a node, and what reading two log files and a snapshot does, whatever they hold. */
const TREE_BYTES = 6 << 20;
const WINDOWS_BYTES = 6 << 20;

/** The body of a snapshot: from a file, or from a leader. */
export const snapshotBodies: Target = {
  name: 'snapshot-bodies',
  valid: (dice) => bodyOf(dice.length(20)),
  read(bytes, dice) {
    const loader = new SnapshotLoader(TREE_OPTIONS, 0xf_ffff);
    for (const piece of pieces(bytes, dice)) if (loader.push(piece) < piece.length) break;
    if (loader.ended) loader.finish(zxidOf(1, 1));
  },
  refusals: [SnapshotError, JuteError],
  memoryMax: TREE_BYTES + TWO_FRAMES,
  weight: 10,
};

export const logFiles: Target = fileTarget('log-files', /\/log\./, {});
export const plainSnapshots: Target = fileTarget('snapshot-files', /\/snapshot\./, {});
export const snappySnapshots: Target = fileTarget('snapshot-files-snappy', /\/snapshot\./, {
  snapshotCompression: 'snappy',
});
export const gzipSnapshots: Target = {
  ...fileTarget('snapshot-files-gzip', /\/snapshot\./, { snapshotCompression: 'gz' }),
  // Damage to packed bytes rarely gets further than the unpacking: so what is packed is damaged, too, or endless.
  valid: (dice) =>
    dice.once(50)
      ? BOMB
      : packed(joined(SNAPSHOT_HEADER, bodyOf(dice.length(20)), dice.bytes(dice.length(60)))),
};
export const epochFiles: Target = fileTarget('epoch-files', /\/(accepted|current)Epoch$/, {});
export const syncedMarks: Target = fileTarget('synced-marks', /\/corral\.synced$/, {});

function packed(plain: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(plain));
}

/** A file of a data directory is what the input says, and a server starts. */
function fileTarget(name: string, meant: RegExp, options: Partial<FileStorageOptions>): Target {
  let directory: PlainDisk | undefined;
  let names: readonly string[] = [];
  return {
    name,
    async prepare() {
      directory ??= await directoryWith(options);
      names = [...directory.files.keys()].filter((path) => meant.test(path));
    },
    valid: (dice) => directory!.files.get(dice.pick(names))!,
    async read(bytes, dice) {
      const disk = new PlainDisk(directory!.files);
      disk.files.set(dice.pick(names), bytes);
      const storage = await open(disk, {});
      try {
        await recover({
          storage,
          tree: TREE_OPTIONS,
          valueMax: 0xf_ffff,
          snapshotTrustEmpty: false,
          clock,
          logger: silentLogger,
          metrics: noMetrics(),
        });
      } finally {
        await storage.close();
      }
    },
    refusals: [PersistenceError],
    memoryMax: TREE_BYTES + WINDOWS_BYTES + TWO_FRAMES,
    weight: 1,
  };
}

async function directoryWith(options: Partial<FileStorageOptions>): Promise<PlainDisk> {
  const disk = new PlainDisk();
  const storage = await open(disk, options);
  const tree = new DataTree(TREE_OPTIONS);
  await storage.epochs.setAccepted(1);
  await storage.epochs.setCurrent(1);
  for (let counter = 0; counter <= 16; counter++) {
    const zxid = zxidOf(1, counter);
    if (counter > 0) {
      storage.log.append(zxid, entry(zxid));
      await storage.log.sync();
      tree.apply(decodeTxn(entry(zxid)), undefined);
    }
    if (counter % 8 !== 0) continue;
    storage.log.roll();
    const image = new SnapshotImage(tree);
    const sink = await storage.snapshots.create(image.zxid);
    for (let chunk = image.next(4096); chunk !== undefined; chunk = image.next(4096)) await sink.write(chunk);
    await sink.commit({ digest: image.digest, lastProcessedZxid: image.zxid });
  }
  await storage.close();
  return disk;
}

function open(disk: PlainDisk, options: Partial<FileStorageOptions>): ReturnType<typeof fileStorage> {
  return fileStorage({ dataDir: '/d', disk, preAllocSizeKb: 1, ...options });
}

function bodyOf(nodes: number): Uint8Array {
  return (bodies[nodes] ??= makeBody(nodes));
}

function makeBody(nodes: number): Uint8Array {
  const tree = new DataTree(TREE_OPTIONS);
  for (let counter = 1; counter <= nodes; counter++)
    tree.apply(decodeTxn(entry(zxidOf(1, counter))), undefined);
  const image = new SnapshotImage(tree);
  const parts: Uint8Array[] = [];
  for (let chunk = image.next(4096); chunk !== undefined; chunk = image.next(4096)) parts.push(chunk.slice());
  return joined(...parts);
}

/** Made once: a tree begins with slabs of some MiB. */
const bodies: Uint8Array[] = [];

const { clock } = simulatedRuntime({ seed: 1 });
/** "ZKSN", version 2, database -1. */
const SNAPSHOT_HEADER = Uint8Array.of(
  0x5a,
  0x4b,
  0x53,
  0x4e,
  0,
  0,
  0,
  2,
  ...Array.from({ length: 8 }, () => 0xff),
);

import type { Random } from '@corral/runtime';
import { applyEntries, DirectoryNode, FileNode, type DiskNode, type PendingChange } from './disk-nodes.ts';
import { MemoryDisk } from './memory-disk.ts';
import type { SparseBytes } from './sparse-bytes.ts';

/** What a power cut may have left of a disk. `name` says which of the possibilities it is. */
export interface CrashImage {
  readonly name: string;
  readonly disk: MemoryDisk;
}

/** The worst a simple power cut does: everything is lost that was not synced. */
export function crashImage(disk: MemoryDisk): MemoryDisk {
  return imageOf(disk, LOSE);
}

/**
 * What a power cut at this moment may leave. Each change that was not synced is kept, lost or torn by itself:
 *
 * - all lost, all kept;
 * - the first so many kept, in the order they were made (a journaling file system);
 * - one alone kept, one alone lost (reordered between files, or within one);
 * - one write torn: at 512 B and at 4 KiB, its beginning, its end or every other piece kept;
 * - `randomCount` more by chance: for each change, for each 512 B of a write and for its length, a coin.
 *
 * The images share nothing with the disk. Which ones come out depends on the disk and `random` only.
 */
export function* crashImages(disk: MemoryDisk, random: Random, randomCount: number): Generator<CrashImage> {
  const changes = pendingChanges(disk);
  yield { name: 'all lost', disk: imageOf(disk, LOSE) };
  if (changes.length === 0) return;
  yield { name: 'all kept', disk: imageOf(disk, KEEP) };
  for (const [i, one] of changes.entries()) {
    const what = `change ${i} of ${changes.length} (${one.kind})`;
    if (i > 0)
      yield { name: `before ${what} kept`, disk: imageOf(disk, (c) => kept(c.sequence < one.sequence)) };
    if (changes.length > 1) {
      if (i > 0) yield { name: `only ${what} kept`, disk: imageOf(disk, (c) => kept(c === one)) };
      if (i < changes.length - 1)
        yield { name: `only ${what} lost`, disk: imageOf(disk, (c) => kept(c !== one)) };
    }
    if (one.kind !== 'write') continue;
    for (const [tear, pieces] of tears(one.bytes.length)) {
      const torn: Fate = { keepsPiece: pieces, keepsLength: false };
      yield { name: `${what} torn: ${tear}`, disk: imageOf(disk, (c) => (c === one ? torn : KEEP(c))) };
      yield { name: `${what} torn: ${tear}; later ones lost`, disk: imageOf(disk, upTo(one, torn)) };
    }
  }
  for (let i = 0; i < randomCount; i++)
    yield { name: `by chance ${i}`, disk: imageOf(disk, () => byChance(random)) };
}

/** What one power cut at this moment has left: of each change that was not synced, a coin for it and for its pieces. */
export function crashImageByChance(disk: MemoryDisk, random: Random): MemoryDisk {
  return imageOf(disk, () => byChance(random));
}

/** What becomes of one change. Of a write, each piece of 512 B and the length it gave the file are decided apart. */
interface Fate {
  readonly keepsPiece: (piece: number) => boolean;
  readonly keepsLength: boolean;
}

type Fates = (change: PendingChange) => Fate;

const KEPT: Fate = { keepsPiece: () => true, keepsLength: true };
const LOST: Fate = { keepsPiece: () => false, keepsLength: false };
const KEEP: Fates = () => KEPT;
const LOSE: Fates = () => LOST;
const PIECE_BYTES = 512;

function kept(isKept: boolean): Fate {
  return isKept ? KEPT : LOST;
}

function upTo(one: PendingChange, fate: Fate): Fates {
  return (change) => (change === one ? fate : kept(change.sequence < one.sequence));
}

function byChance(random: Random): Fate {
  const keepsLength = random.below(2) === 0;
  if (random.below(2) === 0) return keepsLength ? KEPT : LOST;
  const coins = random.bytes(64);
  return { keepsLength, keepsPiece: (piece) => (coins[piece % coins.length]! & 1) === 0 };
}

function tears(length: number): [string, (piece: number) => boolean][] {
  const found: [string, (piece: number) => boolean][] = [];
  for (const bytes of [512, 4096]) {
    if (length <= bytes) continue;
    const unit = bytes / PIECE_BYTES;
    const last = Math.floor((length - 1) / bytes);
    const of = (piece: number): number => Math.floor(piece / unit);
    found.push([`the first ${bytes} bytes kept`, (piece) => of(piece) === 0]);
    found.push([`the first ${bytes} bytes lost`, (piece) => of(piece) !== 0]);
    found.push([`the last ${bytes} bytes lost`, (piece) => of(piece) !== last]);
    found.push([`every other ${bytes} bytes lost`, (piece) => of(piece) % 2 === 0]);
  }
  return found;
}

/** In the order they were made. */
function pendingChanges(disk: MemoryDisk): PendingChange[] {
  const seen = new Set<DiskNode>();
  const changes: PendingChange[] = [];
  const visit = (node: DiskNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    changes.push(...node.pending);
    if (node instanceof FileNode) return;
    for (const child of node.durable.values()) visit(child);
    for (const { entries } of node.pending)
      for (const [, child] of entries) if (child !== undefined) visit(child);
  };
  visit(disk.root);
  return changes.toSorted((a, b) => a.sequence - b.sequence);
}

function imageOf(disk: MemoryDisk, fates: Fates): MemoryDisk {
  const copies = new Map<DiskNode, DiskNode>();
  const copyOf = (node: DiskNode): DiskNode => {
    let copy = copies.get(node);
    if (copy === undefined) {
      copy = node instanceof FileNode ? fileImage(node, fates) : directoryImage(node, fates, copyOf);
      copies.set(node, copy);
    }
    return copy;
  };
  return new MemoryDisk(copyOf(disk.root) as DirectoryNode);
}

function directoryImage(
  node: DirectoryNode,
  fates: Fates,
  copyOf: (node: DiskNode) => DiskNode,
): DirectoryNode {
  const entries = new Map(node.durable);
  for (const change of node.pending) if (fates(change).keepsLength) applyEntries(entries, change.entries);
  const image = new DirectoryNode();
  for (const [name, child] of entries) {
    const copy = copyOf(child);
    image.current.set(name, copy);
    image.durable.set(name, copy);
  }
  return image;
}

function fileImage(node: FileNode, fates: Fates): FileNode {
  const content = node.durable.copy();
  for (const change of node.pending) {
    const fate = fates(change);
    if (change.kind === 'truncate') {
      if (fate.keepsLength) content.truncate(change.length);
    } else applyWrite(content, change.bytes, change.at, fate);
  }
  const image = new FileNode();
  image.durable = content;
  image.current = content.copy();
  return image;
}

/** Pieces are those of the medium: their borders lie at multiples of 512 in the file. */
function applyWrite(content: SparseBytes, bytes: Uint8Array, at: number, fate: Fate): void {
  let start = 0;
  for (let piece = 0; start < bytes.length; piece++) {
    const end = Math.min(start + PIECE_BYTES - ((at + start) % PIECE_BYTES), bytes.length);
    if (fate.keepsPiece(piece)) content.write(bytes.subarray(start, end), at + start);
    start = end;
  }
  if (fate.keepsLength && at + bytes.length > content.length) content.truncate(at + bytes.length);
}

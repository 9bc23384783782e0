import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '@corral/runtime';
import type { Call } from './system-calls.ts';

/** What a power cut left: each file's content, by path. */
export type Image = ReadonlyMap<string, Buffer>;

/**
 * A disk as a process writes to it, and what a power cut can leave of it: of a file, what was synced, and of what was
 * written since any part, in sectors; of names, those up to the last sync of anything, and of what became of them since
 * any beginning. That is how file systems with a journal are (ext4, XFS, Btrfs), and what LevelDB builds on: it does not
 * sync the folder between a new table and the MANIFEST that names it.
 */
export class DiskHistory {
  /** What became of names, in order; what stands together happens at once. */
  readonly #names: NameChange[][] = [];
  #namesSynced: number;
  readonly #files: Map<string, File> = new Map();
  readonly #positions: number[] = [];
  #calls = 0;

  /** @param image what is on the disk, durably, before the first call */
  constructor(image: Image = new Map()) {
    const links: NameChange[] = [];
    for (const [path, bytes] of image) {
      const file = new File(bytes);
      this.#files.set(path, file);
      links.push({ kind: 'link', path, file });
    }
    this.#names.push(links);
    this.#namesSynced = 1;
  }

  add(call: Call): void {
    this.#positions.push(this.#names.length);
    this.#calls++;
    switch (call.kind) {
      case 'open':
        return this.#open(call);
      case 'write':
        this.#files.get(call.path)?.write(call.at, call.bytes, this.#calls, this.#names.length);
        return;
      case 'truncate':
        this.#files.get(call.path)?.truncate(call.size, this.#calls);
        return;
      case 'sync': {
        const file = this.#files.get(call.path);
        this.#namesSynced = this.#positions[call.begunAt] ?? this.#names.length;
        file?.sync(call.begunAt);
        return;
      }
      case 'rename': {
        const file = this.#files.get(call.path);
        if (file === undefined) return this.#renameFolder(call.path, call.to);
        this.#files.delete(call.path);
        this.#files.set(call.to, file);
        this.#names.push([
          { kind: 'unlink', path: call.path, file: undefined },
          { kind: 'link', path: call.to, file },
        ]);
        return;
      }
      default:
        if (call.kind === 'unlink') this.#files.delete(call.path);
        this.#names.push([{ kind: call.kind, path: call.path, file: undefined }]);
    }
  }

  /** Everything is there. */
  whole(): Image {
    return this.#image(this.#names.length, (file) => file.whole());
  }

  /** Nothing that was not synced is there. */
  least(): Image {
    return this.#image(this.#namesSynced, (file) => file.least());
  }

  byChance(random: Random): Image {
    const names = this.#namesSynced + random.below(this.#names.length - this.#namesSynced + 1);
    return this.#image(names, (file) => file.byChance(random, names));
  }

  #open({ path, isNew, isCut }: Extract<Call, { kind: 'open' }>): void {
    const file = this.#files.get(path);
    if (file !== undefined && isCut) file.truncate(0, this.#calls);
    if (file !== undefined || !isNew) return;
    const made = new File();
    this.#files.set(path, made);
    this.#names.push([{ kind: 'link', path, file: made }]);
  }

  #renameFolder(from: string, to: string): void {
    const changes: NameChange[] = [];
    for (const [path, file] of this.#files) {
      if (!path.startsWith(`${from}/`)) continue;
      const moved = to + path.slice(from.length);
      this.#files.delete(path);
      this.#files.set(moved, file);
      changes.push({ kind: 'unlink', path, file: undefined }, { kind: 'link', path: moved, file });
    }
    this.#names.push([
      { kind: 'mkdir', path: to, file: undefined },
      ...changes,
      { kind: 'unlink', path: from, file: undefined },
    ]);
  }

  #image(names: number, content: (file: File) => Buffer): Image {
    const linked = new Map<string, File | undefined>();
    for (const changes of this.#names.slice(0, names)) {
      for (const { kind, path, file } of changes) {
        if (kind === 'unlink') linked.delete(path);
        else linked.set(path, file);
      }
    }
    const image = new Map<string, Buffer>();
    for (const [path, file] of linked) if (file !== undefined) image.set(path, content(file));
    return image;
  }
}

interface Patch {
  readonly at: number;
  /** Undefined: the file is cut here. */
  readonly bytes: Buffer | undefined;
}

interface Change extends Patch {
  readonly call: number;
  /** So many changes of names came before it. */
  readonly names: number;
}

interface NameChange {
  readonly kind: 'link' | 'unlink' | 'mkdir';
  readonly path: string;
  readonly file: File | undefined;
}

class File {
  #changes: Change[] = [];
  #durable: Buffer;
  #size: number;

  constructor(durable: Buffer = Buffer.alloc(0)) {
    this.#durable = durable;
    this.#size = durable.length;
  }

  /** @param names how many changes of names came before */
  write(at: number | undefined, bytes: Buffer, call: number, names: number): void {
    const from = at ?? this.#size;
    const isInPlace = from + bytes.length <= this.#size;
    this.#changes.push({ at: from, bytes, call, names: isInPlace ? 0 : names });
    this.#size = Math.max(this.#size, from + bytes.length);
  }

  truncate(size: number, call: number): void {
    this.#changes.push({ at: size, bytes: undefined, call, names: 0 });
    this.#size = size;
  }

  /** What was written before the sync began is durable. */
  sync(begunAt: number): void {
    const behind = this.#changes.findIndex(({ call }) => call > begunAt);
    const count = behind < 0 ? this.#changes.length : behind;
    this.#durable = this.#with(this.#changes.slice(0, count));
    this.#changes = this.#changes.slice(count);
  }

  whole(): Buffer {
    return this.#with(this.#changes);
  }

  least(): Buffer {
    return this.#durable;
  }

  /** Some sectors of what was written since, in any order. A cut that stands is one behind all before it. */
  byChance(random: Random, names: number): Buffer {
    const cut = this.#changes.findLastIndex(({ bytes }) => bytes === undefined);
    const isCut = cut >= 0 && random.below(2) === 0;
    const base = isCut ? this.#with(this.#changes.slice(0, cut + 1)) : this.#durable;
    const kept: Patch[] = [];
    for (const { at, bytes, names: before } of this.#changes.slice(isCut ? cut + 1 : 0)) {
      // The length of a file is in the journal, behind the names that came before.
      if (bytes === undefined || before > names) continue;
      const fate = random.below(3);
      if (fate === 1) kept.push({ at, bytes });
      if (fate === 2) kept.push(...sectorsOf(at, bytes).filter(() => random.below(2) === 0));
    }
    return withChanges(base, kept);
  }

  #with(changes: readonly Patch[]): Buffer {
    return withChanges(this.#durable, changes);
  }
}

function sectorsOf(at: number, bytes: Buffer): { readonly at: number; readonly bytes: Buffer }[] {
  const sectors: { readonly at: number; readonly bytes: Buffer }[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = Math.min(bytes.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES));
    sectors.push({ at: at + from, bytes: bytes.subarray(from, to) });
    from = to;
  }
  return sectors;
}

function withChanges(base: Buffer, changes: readonly Patch[]): Buffer {
  let size = base.length;
  let most = size;
  for (const { at, bytes } of changes) {
    size = bytes === undefined ? at : Math.max(size, at + bytes.length);
    most = Math.max(most, size);
  }
  const content = Buffer.alloc(most);
  base.copy(content);
  for (const { at, bytes } of changes) {
    // What is cut off is gone, also where the file grows again.
    if (bytes === undefined) content.fill(0, at);
    else bytes.copy(content, at);
  }
  return content.subarray(0, size);
}

/** Writes an image whose paths begin with `from` into `to`. */
export function writeImage(image: Image, from: string, to: string): void {
  for (const [path, bytes] of image) {
    const place = to + path.slice(from.length);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, bytes);
  }
}

const SECTOR_BYTES = 512;

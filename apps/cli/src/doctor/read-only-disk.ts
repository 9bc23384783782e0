import { type Disk, type DiskFile, PersistenceError, readFully } from '@corral/persistence';

/**
 * The disk as it would be: what a storage repairs when it is opened is done in memory, and nothing on the disk is changed.
 * So the very code of the server tells what it would do, of a directory that a server may be using.
 */
export function readOnlyDisk(disk: Disk): Disk {
  const made = new Map<string, MemoryFile>();
  const removed = new Set<string>();
  /** Lengths of files that were cut. */
  const cuts = new Map<string, number>();

  return {
    async open(path, mode) {
      const found = made.get(path);
      if (mode !== 'create' && found !== undefined) return found;
      if (mode === 'create') {
        const file = new MemoryFile();
        made.set(path, file);
        removed.delete(path);
        return file;
      }
      if (removed.has(path)) throw new PersistenceError('NOT_FOUND', 'the file was removed', { file: path });
      return new FileAsItIs(await disk.open(path, 'read'), path, cuts);
    },
    async stat(path) {
      const found = made.get(path);
      if (found !== undefined) return { isDirectory: false, size: found.bytes.length };
      if (removed.has(path)) return undefined;
      const stat = await disk.stat(path);
      return stat === undefined
        ? undefined
        : { ...stat, size: Math.min(stat.size, cuts.get(path) ?? stat.size) };
    },
    async list(directory) {
      const there = (await disk.list(directory)).filter((name) => !removed.has(`${directory}/${name}`));
      const isIn = (path: string): boolean => path.slice(0, path.lastIndexOf('/')) === directory;
      const own = [...made.keys()].filter(isIn).map((path) => path.slice(directory.length + 1));
      return [...new Set([...there, ...own])];
    },
    async makeDirectory(path) {
      throw new PersistenceError('NOT_FOUND', 'the directory is missing', { file: path });
    },
    async rename(from, to) {
      const file = made.get(from);
      if (file === undefined)
        throw new PersistenceError('NOT_FOUND', 'only what was made is renamed', { file: from });
      made.delete(from);
      made.set(to, file);
      removed.delete(to);
    },
    async remove(path) {
      made.delete(path);
      removed.add(path);
    },
    async syncDirectory() {},
    lock: async () => ({ async release() {} }),
  };
}

/** A file of the disk. It may be cut; what is written to it must be what stands there. */
class FileAsItIs implements DiskFile {
  readonly #file: DiskFile;
  readonly #path: string;
  readonly #cuts: Map<string, number>;

  constructor(file: DiskFile, path: string, cuts: Map<string, number>) {
    this.#file = file;
    this.#path = path;
    this.#cuts = cuts;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const left = (this.#cuts.get(this.#path) ?? Number.POSITIVE_INFINITY) - position;
    if (left <= 0) return 0;
    return this.#file.read(into.length > left ? into.subarray(0, left) : into, position);
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    const there = new Uint8Array(bytes.length);
    const count = await readFully(this, there, position);
    // What was not known to be on the disk is written once more, and nothing else is.
    if (count < bytes.length || !there.every((byte, at) => byte === bytes[at])) this.writeNow();
    return bytes.length;
  }

  writeNow(): never {
    throw new PersistenceError('ACCESS_DENIED', 'nothing is changed here', { file: this.#path });
  }

  async truncate(length: number): Promise<void> {
    this.#cuts.set(this.#path, length);
  }

  async datasync(): Promise<void> {}

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** What a repair makes: an epoch, the copy of a torn tail. */
class MemoryFile implements DiskFile {
  bytes: Uint8Array = new Uint8Array(0);

  async read(into: Uint8Array, position: number): Promise<number> {
    const part = this.bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    return this.writeNow(bytes, position);
  }

  writeNow(bytes: Uint8Array, position: number): number {
    const end = position + bytes.length;
    if (end > this.bytes.length) this.#resize(end);
    this.bytes.set(bytes, position);
    return bytes.length;
  }

  async truncate(length: number): Promise<void> {
    this.#resize(length);
  }

  async datasync(): Promise<void> {}

  async close(): Promise<void> {}

  #resize(length: number): void {
    const resized = new Uint8Array(length);
    resized.set(this.bytes.subarray(0, length));
    this.bytes = resized;
  }
}

import {
  type Disk,
  type DiskFile,
  type DiskLock,
  type DiskStat,
  PersistenceError,
} from '@corral/persistence';

/** What files hold, by path. Contents are never changed, only replaced: a copy of the map is a copy of the disk. */
export type Files = Map<string, Uint8Array>;

/** A disk that does as it is told, at once: for proofs that open tens of thousands of them. */
export class PlainDisk implements Disk {
  readonly files: Files;
  readonly #directories = new Set<string>(['/']);

  constructor(files: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.files = new Map(files);
    for (const path of files.keys()) {
      for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1))
        this.#directories.add(path.slice(0, at));
    }
  }

  async open(path: string, mode: 'read' | 'update' | 'create'): Promise<DiskFile> {
    if (mode === 'create') this.files.set(path, NO_BYTES);
    else this.#content(path);
    return new PlainFile(this, path);
  }

  async stat(path: string): Promise<DiskStat | undefined> {
    const size = this.files.get(path)?.length;
    if (size !== undefined) return { isDirectory: false, size };
    return this.#directories.has(path) ? { isDirectory: true, size: 0 } : undefined;
  }

  async list(directory: string): Promise<readonly string[]> {
    return [...this.files.keys()]
      .filter((path) => path.startsWith(`${directory}/`))
      .map((path) => path.slice(directory.length + 1));
  }

  async makeDirectory(path: string): Promise<void> {
    this.#directories.add(path);
  }

  async rename(from: string, to: string): Promise<void> {
    this.files.set(to, this.#content(from));
    this.files.delete(from);
  }

  async remove(path: string): Promise<void> {
    this.#content(path);
    this.files.delete(path);
  }

  async syncDirectory(): Promise<void> {}

  async lock(): Promise<DiskLock> {
    return { release: async () => {} };
  }

  #content(path: string): Uint8Array {
    const content = this.files.get(path);
    if (content === undefined) throw new PersistenceError('NOT_FOUND', 'no such file', { file: path });
    return content;
  }
}

class PlainFile implements DiskFile {
  readonly #files: Files;
  readonly #path: string;

  constructor({ files }: PlainDisk, path: string) {
    this.#files = files;
    this.#path = path;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const found = this.#content.subarray(position, position + into.length);
    into.set(found);
    return found.length;
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    return this.writeNow(bytes, position);
  }

  writeNow(bytes: Uint8Array, position: number): number {
    const before = this.#content;
    const after = new Uint8Array(Math.max(before.length, position + bytes.length));
    after.set(before);
    after.set(bytes, position);
    this.#files.set(this.#path, after);
    return bytes.length;
  }

  async truncate(length: number): Promise<void> {
    const after = new Uint8Array(length);
    after.set(this.#content.subarray(0, length));
    this.#files.set(this.#path, after);
  }

  async datasync(): Promise<void> {}

  async close(): Promise<void> {}

  get #content(): Uint8Array {
    return this.#files.get(this.#path) ?? NO_BYTES;
  }
}

const NO_BYTES = new Uint8Array(0);

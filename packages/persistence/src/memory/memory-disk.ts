import type { Disk, DiskFile, DiskLock, DiskStat } from '../disk.ts';
import { PersistenceError, type PersistenceErrorCode } from '../error.ts';
import { DirectoryNode, FileNode, type DiskNode } from './disk-nodes.ts';

/** A change asked of a disk. `position` and `length` where they mean something. */
export interface DiskOperation {
  readonly kind:
    | 'create'
    | 'read'
    | 'write'
    | 'truncate'
    | 'datasync'
    | 'makeDirectory'
    | 'rename'
    | 'remove'
    | 'syncDirectory';
  readonly path: string;
  readonly position?: number;
  readonly length?: number;
}

/** What happens instead of an operation, or before it. */
export interface DiskFault {
  /** It rejects with this. A failed `datasync` loses what it should have made durable, and the next one succeeds. */
  readonly error?: 'IO' | 'NO_SPACE' | 'ACCESS_DENIED';
  /** A write takes only so many bytes. */
  readonly writeAtMost?: number;
  /** A `datasync` says that it is done, and has made nothing durable. No storage can bear that for ever. */
  readonly isLie?: boolean;
  /** It waits for this: a slow or a stuck disk. */
  readonly wait?: Promise<void>;
}

/**
 * A disk in memory that tells the durable from what a power cut may take. It goes through `onOperation` before
 * every change, which is where a power cut is tried (`crashImages`), and asks `faults` before every operation.
 */
export class MemoryDisk implements Disk {
  readonly root: DirectoryNode;
  /** Called when an operation that changes something is about to take effect. */
  onOperation: (operation: DiskOperation) => void = () => {};
  faults: (operation: DiskOperation) => DiskFault | undefined = () => undefined;
  /** Every change so far: what a failing seed prints. */
  readonly journal: DiskOperation[] = [];
  readonly #locks: Set<string> = new Set();
  #sequence = 0;
  #isOff = false;

  constructor(root: DirectoryNode = new DirectoryNode()) {
    this.root = root;
  }

  /** From now on everything rejects with `IO`: the program that runs on this disk is dead. */
  powerOff(): void {
    this.#isOff = true;
  }

  /**
   * The process that used this disk is dead, the machine is not: the disk that the next process finds has what was
   * written and is as little durable as before. Everything on the old one rejects.
   */
  afterProcessDeath(): MemoryDisk {
    this.powerOff();
    const next = new MemoryDisk(this.root);
    next.#sequence = this.#sequence;
    next.journal.push(...this.journal);
    return next;
  }

  async open(path: string, mode: 'read' | 'update' | 'create'): Promise<DiskFile> {
    const { directory, name } = this.#locate(path);
    if (mode !== 'create') return new MemoryFile(this, path, this.#file(path));
    await this.begin({ kind: 'create', path });
    const found = directory.current.get(name);
    if (found instanceof DirectoryNode) throw failure('IO', path, 'a directory');
    if (found !== undefined) {
      found.truncate(this.#next(), 0);
      return new MemoryFile(this, path, found);
    }
    const file = new FileNode();
    directory.change(this.#next(), [name, file]);
    return new MemoryFile(this, path, file);
  }

  async stat(path: string): Promise<DiskStat | undefined> {
    this.requirePower(path);
    const node = this.#find(path);
    if (node === undefined) return undefined;
    return node instanceof FileNode
      ? { isDirectory: false, size: node.current.length }
      : { isDirectory: true, size: 0 };
  }

  async list(directory: string): Promise<readonly string[]> {
    this.requirePower(directory);
    return [...this.#directory(directory).current.keys()];
  }

  async makeDirectory(path: string): Promise<void> {
    await this.begin({ kind: 'makeDirectory', path });
    const { directory, name } = this.#locate(path);
    if (!directory.current.has(name)) directory.change(this.#next(), [name, new DirectoryNode()]);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.begin({ kind: 'rename', path: `${from} -> ${to}` });
    const source = this.#locate(from);
    const target = this.#locate(to);
    if (source.directory !== target.directory) throw failure('IO', from, 'renamed into another directory');
    source.directory.change(this.#next(), [source.name, undefined], [target.name, this.#file(from)]);
  }

  async remove(path: string): Promise<void> {
    await this.begin({ kind: 'remove', path });
    this.#file(path);
    const { directory, name } = this.#locate(path);
    directory.change(this.#next(), [name, undefined]);
  }

  async syncDirectory(path: string): Promise<void> {
    await this.begin({ kind: 'syncDirectory', path });
    this.#directory(path).sync();
  }

  async lock(path: string): Promise<DiskLock> {
    this.requirePower(path);
    if (this.#locks.has(path)) throw failure('LOCKED', path, 'locked');
    this.#locks.add(path);
    return { release: async () => void this.#locks.delete(path) };
  }

  /**
   * For the files of this disk. Lets other work go on before the operation takes effect, so that whoever does not
   * wait for it is found out.
   */
  async begin(operation: DiskOperation): Promise<DiskFault | undefined> {
    for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
    const fault = this.faults(operation);
    if (fault?.wait !== undefined) await fault.wait;
    this.beginNow(operation);
    if (fault?.error !== undefined && operation.kind !== 'datasync')
      throw failure(fault.error, operation.path, 'a fault');
    return fault;
  }

  beginNow(operation: DiskOperation): void {
    this.requirePower(operation.path);
    if (operation.kind === 'read') return;
    this.onOperation(operation);
    this.requirePower(operation.path);
    this.journal.push(operation);
  }

  requirePower(path: string): void {
    if (this.#isOff) throw failure('IO', path, 'the power is off');
  }

  write(node: FileNode, bytes: Uint8Array, at: number): void {
    node.write(this.#next(), bytes, at);
  }

  truncate(node: FileNode, length: number): void {
    node.truncate(this.#next(), length);
  }

  #next(): number {
    return this.#sequence++;
  }

  #file(path: string): FileNode {
    const node = this.#find(path);
    if (node instanceof FileNode) return node;
    throw failure(node === undefined ? 'NOT_FOUND' : 'IO', path, 'no such file');
  }

  #directory(path: string): DirectoryNode {
    const node = this.#find(path);
    if (node instanceof DirectoryNode) return node;
    throw failure(node === undefined ? 'NOT_FOUND' : 'IO', path, 'no such directory');
  }

  #locate(path: string): { readonly directory: DirectoryNode; readonly name: string } {
    this.requirePower(path);
    const at = path.lastIndexOf('/');
    return { directory: this.#directory(path.slice(0, Math.max(at, 0))), name: path.slice(at + 1) };
  }

  #find(path: string): DiskNode | undefined {
    let node: DiskNode | undefined = this.root;
    for (const name of path.split('/')) {
      if (name === '' || name === '.') continue;
      node = node instanceof DirectoryNode ? node.current.get(name) : undefined;
    }
    return node;
  }
}

class MemoryFile implements DiskFile {
  readonly #disk: MemoryDisk;
  readonly #path: string;
  readonly #node: FileNode;

  constructor(disk: MemoryDisk, path: string, node: FileNode) {
    this.#disk = disk;
    this.#path = path;
    this.#node = node;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    await this.#disk.begin({ kind: 'read', path: this.#path, position, length: into.length });
    return this.#node.current.read(into, position);
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    const operation = { kind: 'write', path: this.#path, position, length: bytes.length } as const;
    return this.#taken(bytes, position, await this.#disk.begin(operation));
  }

  writeNow(bytes: Uint8Array, position: number): number {
    const operation = { kind: 'write', path: this.#path, position, length: bytes.length } as const;
    const fault = this.#disk.faults(operation);
    this.#disk.beginNow(operation);
    if (fault?.error !== undefined) throw failure(fault.error, this.#path, 'a fault');
    return this.#taken(bytes, position, fault);
  }

  async truncate(length: number): Promise<void> {
    await this.#disk.begin({ kind: 'truncate', path: this.#path, length });
    this.#disk.truncate(this.#node, length);
  }

  async datasync(): Promise<void> {
    const fault = await this.#disk.begin({ kind: 'datasync', path: this.#path });
    if (fault?.isLie === true) return;
    if (fault?.error === undefined) return this.#node.datasync();
    this.#node.failDatasync();
    throw failure(fault.error, this.#path, 'a fault');
  }

  async close(): Promise<void> {}

  #taken(bytes: Uint8Array, position: number, fault: DiskFault | undefined): number {
    const count = Math.min(bytes.length, fault?.writeAtMost ?? bytes.length);
    this.#disk.write(this.#node, bytes.subarray(0, count), position);
    return count;
  }
}

/** Callbacks of promises that were waiting run before an operation takes effect; so many deep. */
const TURNS = 8;

function failure(code: PersistenceErrorCode, path: string, message: string): PersistenceError {
  return new PersistenceError(code, message, { file: path });
}

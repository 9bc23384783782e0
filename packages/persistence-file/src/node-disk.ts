import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import {
  PersistenceError,
  type PersistenceErrorCode,
  type Disk,
  type DiskFile,
  type DiskLock,
  type DiskStat,
} from '@corral/persistence';

/** The file system of the machine. */
export function nodeDisk(): Disk {
  return NODE_DISK;
}

const NODE_DISK: Disk = {
  open: (path, mode) =>
    new Promise((resolve, reject) => {
      fs.open(path, FLAGS[mode], (error, fd) => {
        if (error === null) resolve(new NodeFile(path, fd));
        else reject(failure(error, path));
      });
    }),

  stat: (path) =>
    new Promise<DiskStat | undefined>((resolve, reject) => {
      fs.stat(path, (error, found) => {
        if (error === null) resolve({ isDirectory: found.isDirectory(), size: found.size });
        else if (error.code === 'ENOENT') resolve(undefined);
        else reject(failure(error, path));
      });
    }),

  list: (directory) => told(directory, fs.promises.readdir(directory)),

  async makeDirectory(path) {
    try {
      await fs.promises.mkdir(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw failure(error, path);
    }
  },

  rename: (from, to) => told(from, fs.promises.rename(from, to)),
  remove: (path) => told(path, fs.promises.unlink(path)),

  async syncDirectory(path) {
    // Windows cannot open a directory, and keeps its entries by itself.
    if (process.platform === 'win32') return;
    const directory = await told(path, fs.promises.open(path, 'r'));
    try {
      await told(path, directory.sync());
    } finally {
      await directory.close();
    }
  },

  lock: async (path) => new NodeLock(path),
};

const FLAGS = { read: 'r', update: 'r+', create: 'w+' };

/** Callbacks and a plain descriptor: less work per call than a FileHandle, and a write may be synchronous. */
class NodeFile implements DiskFile {
  readonly #path: string;
  readonly #fd: number;

  constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#fd, into, 0, into.length, position, (error, count) => {
        if (error === null) resolve(count);
        else reject(failure(error, this.#path));
      });
    });
  }

  write(bytes: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.write(this.#fd, bytes, 0, bytes.length, position, (error, count) => {
        if (error === null) resolve(count);
        else reject(failure(error, this.#path));
      });
    });
  }

  writeNow(bytes: Uint8Array, position: number): number {
    try {
      return fs.writeSync(this.#fd, bytes, 0, bytes.length, position);
    } catch (error) {
      throw failure(error, this.#path);
    }
  }

  truncate(length: number): Promise<void> {
    return this.#done((callback) => fs.ftruncate(this.#fd, length, callback));
  }

  datasync(): Promise<void> {
    return this.#done((callback) => fs.fdatasync(this.#fd, callback));
  }

  close(): Promise<void> {
    return this.#done((callback) => fs.close(this.#fd, callback));
  }

  #done(call: (callback: (error: NodeJS.ErrnoException | null | undefined) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      call((error) => {
        if (error === null || error === undefined) resolve();
        else reject(failure(error, this.#path));
      });
    });
  }
}

/**
 * Node offers no lock of a file that ends with its process; a file with a process id in it must guess whether a
 * number in another container or after a restart still means the same process. SQLite, which Node carries, holds a
 * true one (fcntl on POSIX, LockFileEx on Windows) on a database that stays empty. Nobody else may open the file
 * meanwhile: closing it would let go of a POSIX lock.
 */
class NodeLock implements DiskLock {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    try {
      this.#database = new DatabaseSync(path, { timeout: 0 });
      this.#database.exec('BEGIN EXCLUSIVE');
    } catch (cause) {
      const code = LOCK_CODES.get((cause as { errcode?: number }).errcode ?? 0) ?? 'IO';
      const message =
        code === 'LOCKED' ? 'another server has this directory open' : 'the lock cannot be taken';
      throw new PersistenceError(code, message, { file: path, cause });
    }
  }

  async release(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }
}

/** SQLite's BUSY; READONLY and CANTOPEN. */
const LOCK_CODES = new Map<number, PersistenceErrorCode>([
  [5, 'LOCKED'],
  [8, 'ACCESS_DENIED'],
  [14, 'ACCESS_DENIED'],
]);

async function told<T>(path: string, outcome: Promise<T>): Promise<T> {
  try {
    return await outcome;
  } catch (error) {
    throw failure(error, path);
  }
}

function failure(error: unknown, path: string): PersistenceError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new PersistenceError(CODES.get(code ?? '') ?? 'IO', message, { file: path, cause: error });
}

const CODES = new Map<string, PersistenceErrorCode>([
  ['ENOENT', 'NOT_FOUND'],
  ['ENOSPC', 'NO_SPACE'],
  ['EDQUOT', 'NO_SPACE'],
  ['EFBIG', 'NO_SPACE'],
  ['EACCES', 'ACCESS_DENIED'],
  ['EPERM', 'ACCESS_DENIED'],
  ['EROFS', 'ACCESS_DENIED'],
]);

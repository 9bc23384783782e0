import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { PersistenceError, type Disk, type DiskLock, type PersistenceErrorCode } from '@corral/persistence';
import { nodeDisk } from '@corral/persistence-file';
import { ClassicLevel } from 'classic-level';
import { recover } from './recovery.ts';
import { readSyncedMark, SyncedMark } from './synced-mark.ts';
import type { Table } from './version.ts';

type Level = ClassicLevel<Buffer, Buffer>;
export type Put = { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer };
export type Del = { readonly type: 'del'; readonly key: Buffer };

export interface DatabaseOptions {
  /** The folder it stands in. */
  readonly parent: string;
  readonly name: string;
  /** Tables of which only the index is believed: see `recover`. */
  readonly isSelfChecked: (table: Table) => boolean;
  /** False: where it is not there, it is not made. */
  readonly autocreate: boolean;
  /** False: what is written is with the kernel, and nobody waits for the medium (forceSync=no). */
  readonly forceSync: boolean;
  /** Told how long each sync took. */
  readonly onSynced?: (tookMs: number) => void;
  /** Takes notes of what opening repaired. */
  readonly repairs: string[];
}

/** One LevelDB: looked through before it is opened, every write synced (where syncs are wanted), every error translated. */
export class Database {
  /** The folder, for messages. */
  readonly location: string;
  readonly level: Level;
  readonly #disk: Disk;
  readonly #lock: DiskLock;
  readonly #mark: SyncedMark;
  readonly #forceSync: boolean;
  readonly #onSynced: ((tookMs: number) => void) | undefined;
  /** Operations written and synced. */
  #sequence: number;
  /** Writes go one after the other; this is the end of the last one, however it ended. */
  #last: Promise<void> = Promise.resolve();
  #failure: PersistenceError | undefined;
  #isClosing = false;
  #writeAheadLog: string | undefined;
  #writeAheadLogBytes = -1;

  private constructor(
    disk: Disk,
    { forceSync, onSynced }: DatabaseOptions,
    location: string,
    lock: DiskLock,
    level: Level,
    mark: SyncedMark,
    sequence: number,
  ) {
    this.#disk = disk;
    this.#forceSync = forceSync;
    this.#onSynced = onSynced;
    this.location = location;
    this.#lock = lock;
    this.level = level;
    this.#mark = mark;
    this.#sequence = sequence;
  }

  /** Opens or creates `parent/name`; a new folder is durable in its parent when this resolves. */
  static async open(options: DatabaseOptions): Promise<Database> {
    const { parent, name, isSelfChecked, forceSync, repairs } = options;
    const disk = nodeDisk();
    const location = `${parent}/${name}`;
    if (!options.autocreate && (await disk.stat(location)) === undefined)
      throw new PersistenceError('NOT_FOUND', 'the database is missing', { file: location });
    await requireDirectory(disk, parent);
    const lock = await disk.lock(`${location}.lock`);
    try {
      await createUnlessThere(disk, parent, name, repairs);
      const syncedTo = await readSyncedMark(disk, location);
      const sequence = await recover(disk, location, syncedTo, isSelfChecked, repairs);
      const level = levelAt(location);
      await translated(location, level.open());
      try {
        // What was found is believed from now on: it and its directory entries must be durable.
        await disk.syncDirectory(location);
        const mark = await SyncedMark.open(disk, location, forceSync ? sequence : NOTHING_SYNCED);
        return new Database(disk, options, location, lock, level, mark, sequence);
      } catch (cause) {
        await level.close();
        throw cause;
      }
    } catch (cause) {
      await lock.release();
      throw cause;
    }
  }

  /**
   * Resolves when `operations` are durable, all or none. After a failure nobody knows what is on the medium, and
   * LevelDB may write behind half a record, where nothing is ever found again: every later write rejects.
   */
  write(operations: (Put | Del)[]): Promise<void> {
    const written = this.#last.then(() => this.#write(operations));
    this.#last = written.catch(ignored);
    return written;
  }

  /**
   * Gives back the room of what has been deleted between two keys. LevelDB does it by itself only where newer records
   * overlap older ones, and zxids only grow: it would keep what was purged for ever.
   */
  async compact(first: Buffer, last: Buffer): Promise<void> {
    // LevelDB notes how deep its tables lie before it writes out what is in memory, which may go deeper: so the first
    // time may leave out the very tables that are meant.
    await this.run(() => this.level.compactRange(first, last));
    await this.run(() => this.level.compactRange(first, last));
  }

  /** @throws PersistenceError `CLOSED` */
  requireOpen(): void {
    if (this.#isClosing) throw new PersistenceError('CLOSED', 'the storage is closed');
  }

  get(key: Buffer): Promise<Buffer | undefined> {
    return this.run(() => this.level.get(key));
  }

  async bytes(): Promise<number> {
    let total = 0;
    for (const file of await this.#disk.list(this.location)) {
      // A table may be compacted away between the two calls.
      total += (await this.#disk.stat(`${this.location}/${file}`))?.size ?? 0;
    }
    return total;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#last;
    try {
      await translated(this.location, this.level.close());
      await this.#mark.close();
    } finally {
      await this.#lock.release();
    }
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.requireOpen();
    return translated(this.location, work());
  }

  async #write(operations: (Put | Del)[]): Promise<void> {
    this.requireOpen();
    if (operations.length === 0) return;
    if (this.#failure !== undefined)
      throw new PersistenceError('CLOSED', 'an earlier write failed', { cause: this.#failure });
    try {
      if (this.#forceSync) await this.#writeAndSync(operations);
      else await translated(this.location, this.level.batch(operations, { sync: false }));
    } catch (cause) {
      this.#failure = cause as PersistenceError;
      throw cause;
    }
  }

  async #writeAndSync(operations: (Put | Del)[]): Promise<void> {
    const began = performance.now();
    await translated(this.location, this.level.batch(operations, { sync: true }));
    if (!this.#hasGrown()) await this.#syncNewWriteAheadLog();
    this.#onSynced?.(performance.now() - began);
    this.#sequence += operations.length;
    this.#mark.note(this.#sequence);
  }

  /** Whether the last write went into the write-ahead log that is known. */
  #hasGrown(): boolean {
    if (this.#writeAheadLog === undefined) return false;
    const size = statSync(this.#writeAheadLog, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= this.#writeAheadLogBytes) return false;
    this.#writeAheadLogBytes = size;
    return true;
  }

  /**
   * LevelDB begins a new write-ahead log whenever its write buffer is full, or is emptied to give back room, and syncs the
   * file, but not the folder it stands in; a crash could take the file away with the acknowledged writes in it. One that
   * is gone meanwhile has become a table: then the folder is synced with that in it.
   */
  async #syncNewWriteAheadLog(): Promise<void> {
    for (;;) {
      const names = await this.#disk.list(this.location);
      const logs = names.filter((name) => name.endsWith('.log')).map((name) => Number.parseInt(name, 10));
      await this.#disk.syncDirectory(this.location);
      const newest = `${this.location}/${String(Math.max(...logs)).padStart(6, '0')}.log`;
      const found = statSync(newest, { throwIfNoEntry: false });
      if (found === undefined) continue;
      this.#writeAheadLog = newest;
      this.#writeAheadLogBytes = found.size;
      return;
    }
  }
}

/**
 * A database is made under another name and then renamed, so that where one stands it was whole: what is missing in
 * it has been lost.
 */
async function createUnlessThere(disk: Disk, parent: string, name: string, repairs: string[]): Promise<void> {
  const location = `${parent}/${name}`;
  const unfinished = `${parent}/unfinished-${name}`;
  if ((await disk.stat(location)) !== undefined) return;
  if ((await disk.stat(unfinished)) !== undefined) {
    for (const file of await disk.list(unfinished)) await disk.remove(`${unfinished}/${file}`);
    repairs.push(`unfinished-${name} was left by a crash and emptied`);
  }
  const level = levelAt(unfinished);
  await translated(unfinished, level.open());
  await translated(unfinished, level.close());
  await disk.syncDirectory(unfinished);
  await disk.rename(unfinished, location);
  await disk.syncDirectory(parent);
}

function levelAt(location: string): Level {
  return new ClassicLevel(location, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    writeBufferSize: WRITE_BUFFER_BYTES,
    // An index that is compressed could not be verified.
    compression: false,
  });
}

/** Makes the directory and whatever is missing above it, durably. */
async function requireDirectory(disk: Disk, path: string): Promise<void> {
  const found = await disk.stat(path);
  if (found?.isDirectory === true) return;
  if (found !== undefined) throw new PersistenceError('IO', 'not a directory', { file: path });
  const parent = dirname(path);
  if (parent !== path) await requireDirectory(disk, parent);
  await disk.makeDirectory(path);
  await disk.syncDirectory(parent);
}

/** The innermost cause that has a known code says what really happened: "not open" is what LevelDB wraps it in. */
async function translated<T>(file: string, outcome: Promise<T>): Promise<T> {
  try {
    return await outcome;
  } catch (cause) {
    let code: PersistenceErrorCode = 'IO';
    let message = String(cause);
    for (let error = cause; error instanceof Error; error = error.cause) {
      message = error.message;
      code = CODES[(error as { code?: string }).code ?? ''] ?? refusal(message) ?? code;
    }
    throw new PersistenceError(code, message, { file, cause });
  }
}

const CODES: Readonly<Record<string, PersistenceErrorCode>> = {
  LEVEL_LOCKED: 'LOCKED',
  LEVEL_CORRUPTION: 'DAMAGED',
  LEVEL_DATABASE_NOT_OPEN: 'CLOSED',
  LEVEL_ITERATOR_NOT_OPEN: 'CLOSED',
};

/** Why the medium refused. LevelDB passes the text of the system on, and no number. */
function refusal(message: string): PersistenceErrorCode | undefined {
  if (!message.startsWith('IO error: ')) return undefined;
  return REFUSALS.find(([text]) => text.test(message))?.[1];
}

const REFUSALS: readonly (readonly [RegExp, PersistenceErrorCode])[] = [
  [/: (No space left on device|.*quota exceeded|File too large)$/i, 'NO_SPACE'],
  [/: (Permission denied|Operation not permitted|Read-only file system)$/i, 'ACCESS_DENIED'],
];

const NOTHING_SYNCED = 0;

/** Bounds what LevelDB keeps in memory (twice that) and what is read again when it opens. */
const WRITE_BUFFER_BYTES = 8 * 1024 * 1024;

function ignored(): void {}

import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PersistenceError, type PersistenceErrorCode } from '@corral/persistence';
import { ClassicLevel } from 'classic-level';

type Level = ClassicLevel<Buffer, Buffer>;
export type Put = { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer };
export type Del = { readonly type: 'del'; readonly key: Buffer };

/** One LevelDB, with every write synced and every error translated. */
export class Database {
  /** The folder's own name, for messages. */
  readonly name: string;
  readonly level: Level;
  readonly #location: string;
  #writeAheadLog = '';

  private constructor(location: string, name: string, level: Level) {
    this.#location = location;
    this.name = name;
    this.level = level;
  }

  /** Opens or creates `parent/name`; the new folder is durable in its parent when this resolves. */
  static async open(parent: string, name: string): Promise<Database> {
    const location = join(parent, name);
    const level: Level = new ClassicLevel(location, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      writeBufferSize: WRITE_BUFFER_BYTES,
    });
    const database = new Database(location, name, level);
    await database.run(async () => {
      await mkdir(location, { recursive: true });
      await level.open();
      await syncDirectory(location);
      await syncDirectory(parent);
      await syncDirectory(dirname(parent));
    });
    return database;
  }

  /** Resolves when `operations` are durable, all or none. */
  async write(operations: (Put | Del)[]): Promise<void> {
    if (operations.length === 0) return;
    await this.run(async () => {
      await this.level.batch(operations, { sync: true });
      await this.#syncNewWriteAheadLog();
    });
  }

  async get(key: Buffer): Promise<Buffer | undefined> {
    return this.run(() => this.level.get(key));
  }

  async bytes(): Promise<number> {
    let total = 0;
    for (const file of await readdir(this.#location)) {
      // A table may be compacted away between the two calls.
      total += await stat(join(this.#location, file)).then(
        ({ size }) => size,
        () => 0,
      );
    }
    return total;
  }

  async close(): Promise<void> {
    await this.run(() => this.level.close());
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw translated(cause, this.name);
    }
  }

  /**
   * LevelDB begins a new write-ahead log whenever its write buffer is full and syncs the file, but not the folder it
   * stands in; a crash could take the file away with the acknowledged writes in it.
   */
  async #syncNewWriteAheadLog(): Promise<void> {
    let newest = '';
    for (const file of await readdir(this.#location)) {
      if (file.endsWith('.log') && file > newest) newest = file;
    }
    if (newest === this.#writeAheadLog) return;
    await syncDirectory(this.#location);
    this.#writeAheadLog = newest;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The innermost cause that has a known code says what really happened: "not open" is what LevelDB wraps it in. */
function translated(cause: unknown, file: string): PersistenceError {
  if (cause instanceof PersistenceError) return cause;
  let code: PersistenceErrorCode = 'IO';
  let message = String(cause);
  for (let error = cause; error instanceof Error; error = error.cause) {
    code = CODES[(error as { code?: string }).code ?? ''] ?? code;
    message = error.message;
  }
  return new PersistenceError(code, message, { file, cause });
}

const CODES: Readonly<Record<string, PersistenceErrorCode>> = {
  LEVEL_LOCKED: 'LOCKED',
  LEVEL_CORRUPTION: 'DAMAGED',
  LEVEL_DATABASE_NOT_OPEN: 'CLOSED',
  ENOSPC: 'NO_SPACE',
  EACCES: 'ACCESS_DENIED',
  EPERM: 'ACCESS_DENIED',
};

const WRITE_BUFFER_BYTES = 32 * 1024 * 1024;

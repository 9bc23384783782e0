import { PersistenceError, readFully, writeFully, type Disk } from '@corral/persistence';
import { ByteCursor } from './byte-cursor.ts';
import { findRecordBehind, scanRecords, type RecordFault } from './record-log.ts';
import { tableFault } from './table-file.ts';
import { Version, type Table } from './version.ts';

/**
 * Looks at the files of a LevelDB before LevelDB does, because LevelDB opens in silence with less than it was given:
 * it skips what it cannot read in a write-ahead log, ends a MANIFEST where a length makes no sense, does not miss a
 * write-ahead log, and makes a new database where CURRENT is gone - and then deletes the files it does not know.
 *
 * What a crash can leave behind the last record of the newest write-ahead log, or of the MANIFEST, is cut off after
 * a copy has been kept: it is what was being written. Anything else rejects with `DAMAGED`, file and offset.
 *
 * Nobody else may have the database open.
 *
 * @param syncedTo as many operations are known to have been synced
 * @param isSelfChecked tables that need not be read through, because whoever reads their records sees what is wrong
 * @returns how many operations there have been
 */
export async function recover(
  disk: Disk,
  location: string,
  syncedTo: number,
  isSelfChecked: (table: Table) => boolean,
  repairs: string[],
): Promise<number> {
  const recovery = new Recovery(disk, location, await disk.list(location), repairs);
  const version = await recovery.readVersion();
  await recovery.checkTables(version, isSelfChecked);
  const sequence = await recovery.checkWriteAheadLogs(version, syncedTo);
  await recovery.cutTails();
  return sequence;
}

class Recovery {
  readonly #disk: Disk;
  readonly #location: string;
  readonly #names: ReadonlySet<string>;
  readonly #repairs: string[];
  /** Cut when everything else has proved to be whole. */
  readonly #tails: Tail[] = [];

  constructor(disk: Disk, location: string, names: readonly string[], repairs: string[]) {
    this.#disk = disk;
    this.#location = location;
    this.#names = new Set(names);
    this.#repairs = repairs;
  }

  async readVersion(): Promise<Version> {
    const current = new TextDecoder('latin1').decode(await this.#read('CURRENT'));
    const manifest = /^(MANIFEST-\d+)\n$/.exec(current)?.[1];
    if (manifest === undefined) throw this.#damage('CURRENT', 0, 'not the name of a MANIFEST');
    const bytes = await this.#read(manifest);
    const version = new Version();
    const { offset, fault } = scanRecords(bytes, (edit, at) => {
      this.#understand(manifest, at, () => version.apply(edit));
    });
    if (!version.isComplete) throw this.#damage(manifest, offset, fault?.message ?? 'the end of the file');
    if (fault !== undefined) this.#requireTorn(manifest, bytes, offset, fault);
    return version;
  }

  async checkTables(version: Version, isSelfChecked: (table: Table) => boolean): Promise<void> {
    for (const [number, table] of version.tables) {
      const name = [`${fileNumber(number)}.ldb`, `${fileNumber(number)}.sst`].find((n) => this.#names.has(n));
      if (name === undefined) throw this.#damage(`${fileNumber(number)}.ldb`, 0, 'the file is missing');
      const size = (await this.#disk.stat(`${this.#location}/${name}`))?.size ?? 0;
      if (size !== table.size) {
        throw this.#damage(name, Math.min(size, table.size), `${size} bytes instead of ${table.size}`);
      }
      if (isSelfChecked(table)) continue;
      const fault = tableFault(await this.#read(name));
      if (fault !== undefined) throw this.#damage(name, fault.offset, fault.message);
    }
  }

  /** Those that are not yet in tables: one, or two after a crash. */
  async checkWriteAheadLogs(version: Version, syncedTo: number): Promise<number> {
    const { logNumber, lastSequence } = version;
    const numbers = [...this.#names]
      .flatMap((name) => /^(\d+)\.log$/.exec(name)?.[1] ?? [])
      .map(Number)
      .filter((number) => number >= logNumber)
      .toSorted((a, b) => a - b);
    if (logNumber > 0 && numbers[0] !== logNumber) {
      throw this.#damage(`${fileNumber(logNumber)}.log`, 0, 'the file is missing');
    }
    let sequence: number | undefined;
    for (const number of numbers) {
      const name = `${fileNumber(number)}.log`;
      const bytes = await this.#read(name);
      const { offset, fault } = scanRecords(bytes, (batch, at) => {
        const [first, count] = this.#understand(name, at, () => readBatchHead(batch));
        if (sequence === undefined ? first > lastSequence + 1 : first !== sequence + 1) {
          const before = sequence ?? lastSequence;
          throw this.#damage(name, at, `operations are missing between ${before} and ${first}`);
        }
        sequence = first + count - 1;
      });
      if (fault === undefined) continue;
      // Whatever else was written, was written after this file was whole.
      if (number !== numbers.at(-1)) throw this.#damage(name, fault.offset, fault.message);
      this.#requireSynced(name, fault.offset, fault.message, Math.max(sequence ?? 0, lastSequence), syncedTo);
      this.#requireTorn(name, bytes, offset, fault);
    }
    const total = Math.max(sequence ?? 0, lastSequence);
    const newest = `${fileNumber(numbers.at(-1) ?? logNumber)}.log`;
    this.#requireSynced(newest, undefined, 'the end of the write-ahead log', total, syncedTo);
    return total;
  }

  async cutTails(): Promise<void> {
    for (const { name, offset, bytes, message } of this.#tails) {
      const copyName = `torn-${name}-at-${offset}`;
      await this.#keep(copyName, bytes);
      const file = await this.#disk.open(`${this.#location}/${name}`, 'update');
      try {
        await file.truncate(offset);
        await file.datasync();
      } finally {
        await file.close();
      }
      this.#repairs.push(
        `${name} was torn at byte ${offset} (${message}); ${bytes.length} bytes are kept in ${copyName}`,
      );
    }
  }

  #requireSynced(
    name: string,
    offset: number | undefined,
    what: string,
    sequence: number,
    syncedTo: number,
  ): void {
    if (sequence >= syncedTo) return;
    throw this.#damage(
      name,
      offset,
      `${what} after operation ${sequence}, where ${syncedTo} had been synced`,
    );
  }

  /**
   * A record at a time is written and synced, so a torn tail is what is left of one: behind it, none begins. Where
   * one does, something was lost that had been there.
   */
  #requireTorn(name: string, bytes: Uint8Array, offset: number, fault: RecordFault): void {
    const next = findRecordBehind(bytes, fault.offset);
    if (next !== undefined) {
      throw this.#damage(name, fault.offset, `${fault.message}; a whole record at byte ${next}`);
    }
    this.#tails.push({ name, offset, bytes: bytes.subarray(offset), message: fault.message });
  }

  async #keep(name: string, bytes: Uint8Array): Promise<void> {
    const copy = await this.#disk.open(`${this.#location}/${name}`, 'create');
    try {
      await writeFully(copy, bytes, 0);
      await copy.datasync();
    } finally {
      await copy.close();
    }
    await this.#disk.syncDirectory(this.#location);
  }

  async #read(name: string): Promise<Uint8Array> {
    if (!this.#names.has(name)) throw this.#damage(name, 0, 'the file is missing');
    const path = `${this.#location}/${name}`;
    const size = (await this.#disk.stat(path))?.size ?? 0;
    if (size > FILE_BYTES_MAX) throw this.#damage(name, FILE_BYTES_MAX, `a file of ${size} bytes`);
    const file = await this.#disk.open(path, 'read');
    try {
      const bytes = new Uint8Array(size);
      return bytes.subarray(0, await readFully(file, bytes, 0));
    } finally {
      await file.close();
    }
  }

  #understand<T>(name: string, offset: number, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw this.#damage(name, offset, 'a record that cannot be read', cause);
    }
  }

  #damage(name: string, offset: number | undefined, message: string, cause?: unknown): PersistenceError {
    return new PersistenceError('DAMAGED', message, { file: `${this.#location}/${name}`, offset, cause });
  }
}

interface Tail {
  readonly name: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly message: string;
}

/** LevelDB ends a write-ahead log or a table long before. */
const FILE_BYTES_MAX = 1 << 30;

/** A record of a write-ahead log is a batch: the sequence number of its first operation, and how many there are. */
function readBatchHead(batch: Uint8Array): readonly [first: number, count: number] {
  const head = new ByteCursor(batch);
  return [head.uint64(), head.uint32()];
}

function fileNumber(number: number): string {
  return String(number).padStart(6, '0');
}

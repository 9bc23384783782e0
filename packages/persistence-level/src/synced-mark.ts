import { crc32 } from 'node:zlib';
import { readFully, type Disk, type DiskFile } from '@corral/persistence';

/**
 * Remembers, in the small file `corral.synced` of a database, how many operations have been synced. LevelDB has no
 * word for it, and without one a tail that a crash tore and records that were whole once and are damaged now look
 * the same.
 *
 * It is a lower bound, never more: written after each sync and left to the kernel, so it is exact after the death of
 * a process and up to half a minute behind after a power cut.
 */
export class SyncedMark {
  readonly #file: DiskFile;

  private constructor(file: DiskFile) {
    this.#file = file;
  }

  /** Durably begins at `sequence`. */
  static async open(disk: Disk, location: string, sequence: number): Promise<SyncedMark> {
    const path = `${location}/${NAME}`;
    const isNew = (await disk.stat(path)) === undefined;
    const mark = new SyncedMark(await disk.open(path, isNew ? 'create' : 'update'));
    mark.note(sequence);
    await mark.#file.datasync();
    if (isNew) await disk.syncDirectory(location);
    return mark;
  }

  /** One write within one sector: whole, or not there. */
  note(sequence: number): void {
    this.#file.writeNow(encode(sequence), 0);
  }

  async close(): Promise<void> {
    await this.#file.datasync();
    await this.#file.close();
  }
}

/** What the file says; 0 where it is missing or was torn. */
export async function readSyncedMark(disk: Disk, location: string): Promise<number> {
  const path = `${location}/${NAME}`;
  if ((await disk.stat(path)) === undefined) return 0;
  const file = await disk.open(path, 'read');
  try {
    const line = new Uint8Array(LINE_BYTES);
    const sequence = (await readFully(file, line, 0)) === LINE_BYTES ? Number(decimal(line)) : 0;
    return Buffer.compare(line, encode(sequence)) === 0 ? sequence : 0;
  } finally {
    await file.close();
  }
}

const NAME = 'corral.synced';
const DIGITS = 16;
const LINE_BYTES = DIGITS + 10;

/** The number and its checksum, in digits and of fixed length: `0000000000000017 5f2c9a01`. */
function encode(sequence: number): Buffer {
  const digits = String(sequence).padStart(DIGITS, '0');
  return Buffer.from(`${digits} ${crc32(digits).toString(16).padStart(8, '0')}\n`);
}

function decimal(line: Uint8Array): string {
  return String.fromCharCode(...line.subarray(0, DIGITS));
}

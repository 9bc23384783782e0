import type { Zxid } from '@corral/protocol';
import {
  PersistenceError,
  readFully,
  type DiskFile,
  type SnapshotBody,
  type SnapshotInfo,
  type Snapshots,
  type SnapshotSink,
  type SnapshotTrailer,
} from '@corral/persistence';
import { parseSnapshotName, type SnapshotCompression } from './file-names.ts';
import { GZIP_MAGIC, SEAL_END, SNAPPY_MAGIC } from './snapshot-format.ts';
import { readSnapshot } from './snapshot-reader.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { syncDirectory, type Settings } from './settings.ts';

/** Snapshots in Apache's files (Java: FileSnap, SnapStream; PurgeTxnLog for `purge`). */
export class FileSnapshots implements Snapshots {
  readonly #settings: Settings;
  #writer: Promise<SnapshotWriter> | undefined;
  #isBusy = false;
  #isClosed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async create(zxid: Zxid): Promise<SnapshotSink> {
    this.#requireOpen();
    if (this.#isBusy) throw new RangeError('a snapshot is being written');
    this.#isBusy = true;
    try {
      this.#writer = SnapshotWriter.create(this.#settings, zxid, () => this.#ended());
      return await this.#writer;
    } catch (cause) {
      this.#ended();
      throw cause;
    }
  }

  async list(): Promise<readonly SnapshotInfo[]> {
    this.#requireOpen();
    const found: SnapshotInfo[] = [];
    for (const name of await this.#settings.disk.list(this.#settings.snapshotDirectory)) {
      const parsed = parseSnapshotName(name);
      if (parsed === undefined) continue;
      const bytes = await this.#completeBytes(name, parsed.compression);
      if (bytes !== undefined) found.push({ zxid: parsed.zxid, name, bytes });
    }
    return found.toSorted((a, b) => b.zxid - a.zxid);
  }

  async load(info: SnapshotInfo, body: SnapshotBody): Promise<SnapshotTrailer> {
    this.#requireOpen();
    const parsed = parseSnapshotName(info.name);
    if (parsed === undefined) throw new PersistenceError('NOT_FOUND', 'not a snapshot', { file: info.name });
    const path = this.#path(info.name);
    const file = await this.#settings.disk.open(path, 'read');
    try {
      return await readSnapshot(this.#settings, file, path, info.bytes, parsed, body);
    } finally {
      await file.close();
    }
  }

  async purge(retain: number): Promise<readonly string[]> {
    this.#requireOpen();
    if (!(retain >= 1)) throw new RangeError(`retain ${retain}`);
    const oldestKept = (await this.list())[retain - 1];
    return oldestKept === undefined ? [] : this.#remove((zxid) => zxid < oldestKept.zxid);
  }

  async discardAbove(zxid: Zxid): Promise<readonly string[]> {
    this.#requireOpen();
    if (this.#isBusy) throw new RangeError('a snapshot is being written');
    return this.#remove((found) => found > zxid);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const writer = await this.#writer?.catch(nothing);
    await writer?.abort();
  }

  /** Complete or not. */
  async #remove(isMeant: (zxid: Zxid) => boolean): Promise<readonly string[]> {
    const removed: string[] = [];
    for (const name of await this.#settings.disk.list(this.#settings.snapshotDirectory)) {
      const parsed = parseSnapshotName(name);
      if (parsed === undefined || !isMeant(parsed.zxid)) continue;
      await this.#settings.disk.remove(this.#path(name));
      removed.push(name);
    }
    if (removed.length > 0) await syncDirectory(this.#settings, this.#settings.snapshotDirectory);
    return removed;
  }

  /** The size of a file that looks complete (Java: SnapStream.isValidSnapshot); its checksums are for `load`. */
  async #completeBytes(name: string, compression: SnapshotCompression): Promise<number | undefined> {
    const path = this.#path(name);
    const size = (await this.#settings.disk.stat(path))?.size;
    if (size === undefined) return undefined;
    const file = await this.#settings.disk.open(path, 'read');
    try {
      return (await looksComplete(file, size, compression)) ? size : undefined;
    } finally {
      await file.close();
    }
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new PersistenceError('CLOSED', 'the storage is closed');
  }

  #ended(): void {
    this.#isBusy = false;
    this.#writer = undefined;
  }

  #path(name: string): string {
    return `${this.#settings.snapshotDirectory}/${name}`;
  }
}

async function looksComplete(
  file: DiskFile,
  size: number,
  compression: SnapshotCompression,
): Promise<boolean> {
  const expected = compression === '' ? SEAL_END : MAGIC[compression];
  const at = compression === '' ? size - expected.length : 0;
  if (size < SIZE_MIN) return false;
  const found = new Uint8Array(expected.length);
  await readFully(file, found, at);
  return found.every((byte, i) => byte === expected[i]);
}

function nothing(): undefined {}

const SIZE_MIN = 10;
const MAGIC = { gz: GZIP_MAGIC, snappy: SNAPPY_MAGIC };

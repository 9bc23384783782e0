import { writeFully, type DiskFile } from '@corral/persistence';
import { LOG_HEADER, LOG_HEADER_BYTES } from './log-format.ts';
import { paddedLength } from './padding.ts';
import type { RecordBuffer } from './record-buffer.ts';
import { syncDirectory, syncFile, type Settings } from './settings.ts';
import { UNSYNCED_BYTES_MAX, type SyncedMark } from './synced-mark.ts';

/** One log file that is being written. */
export class LogFileWriter {
  readonly #settings: Settings;
  readonly #mark: SyncedMark;
  readonly #path: string;
  readonly #file: DiskFile;
  /** Where the next record goes. Everything before is durable. */
  #position = LOG_HEADER_BYTES;
  #fileBytes = LOG_HEADER_BYTES;
  /** Up to here there are real zeros or records, not holes. */
  #filledTo = 0;

  /** Makes the file; it is durable, and so is its entry in the directory, when this resolves. */
  static async create(settings: Settings, mark: SyncedMark, path: string): Promise<LogFileWriter> {
    const file = await settings.disk.open(path, 'create');
    const writer = new LogFileWriter(settings, mark, path, file);
    await writeFully(file, LOG_HEADER, 0);
    await writer.#pad();
    await syncFile(settings, file);
    await syncDirectory(settings, settings.logDirectory);
    return writer;
  }

  private constructor(settings: Settings, mark: SyncedMark, path: string, file: DiskFile) {
    this.#settings = settings;
    this.#mark = mark;
    this.#path = path;
    this.#file = file;
  }

  get durableEnd(): number {
    return this.#position;
  }

  /** Resolves when `records[from, to)` are durable. They fit into memory, so their number has its bound elsewhere. */
  write(records: RecordBuffer, from: number, to: number): Promise<void> {
    // Every step that must be awaited costs a lone client's write about one percent.
    if (to - from <= UNSYNCED_BYTES_MAX) return this.#writeSome(records.bytes(from, to));
    return this.#writeInPieces(records, from, to);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #writeInPieces(records: RecordBuffer, from: number, to: number): Promise<void> {
    for (let at = from; at < to;) {
      const end = to - at <= UNSYNCED_BYTES_MAX ? to : records.boundary(at, UNSYNCED_BYTES_MAX);
      await this.#writeSome(records.bytes(at, end));
      at = end;
    }
  }

  async #writeSome(records: Uint8Array): Promise<void> {
    const end = this.#position + records.length;
    if (this.#paddedBytes() > this.#fileBytes) await this.#pad();
    if (records.length > WRITE_NOW_BYTES_MAX) await writeFully(this.#file, records, this.#position);
    else writeNowFully(this.#file, records, this.#position);
    this.#fileBytes = Math.max(this.#fileBytes, end);
    if (end > this.#filledTo) this.#fillAhead(end);
    if (this.#settings.forceSync) {
      const began = performance.now();
      await this.#file.datasync();
      this.#noteSync(performance.now() - began);
    }
    this.#position = end;
    this.#mark.note(end);
  }

  /** Lengthens the file with a hole, as Apache does, before a batch that comes near its end. */
  async #pad(): Promise<void> {
    const padded = this.#paddedBytes();
    if (padded === this.#fileBytes) return;
    await this.#file.truncate(padded);
    this.#fileBytes = padded;
  }

  #paddedBytes(): number {
    return paddedLength(this.#position, this.#fileBytes, this.#settings.preAllocBytes);
  }

  /**
   * Fills the next stretch of the hole with real zeros, together with the batch that reached it. Writing into a hole
   * makes fdatasync wait for the file system's journal, which may be busy with a whole snapshot; overwriting zeros
   * does not. The README has the figures.
   */
  #fillAhead(end: number): void {
    this.#filledTo = Math.min(Math.ceil((end + 1) / ZEROS.length) * ZEROS.length, this.#fileBytes);
    if (this.#filledTo > end) writeNowFully(this.#file, ZEROS.subarray(0, this.#filledTo - end), end);
  }

  #noteSync(tookMs: number): void {
    const settings = this.#settings;
    settings.fsyncTime.observe(tookMs);
    if (tookMs <= settings.fsyncWarningThresholdMs) return;
    settings.fsyncThresholdExceeded.add();
    settings.logger.warn(
      { file: this.#path, tookMs: Math.round(tookMs), fileBytes: this.#fileBytes },
      'syncing the transaction log took long; every write waits for it',
    );
  }
}

/** Batches up to this size are written without giving up the turn. */
const WRITE_NOW_BYTES_MAX = 1 << 18;
const ZEROS = new Uint8Array(1 << 19);

function writeNowFully(file: DiskFile, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length)
    done += file.writeNow(done === 0 ? bytes : bytes.subarray(done), position + done);
}

import type { Zxid } from '@corral/protocol';
import {
  PersistenceError,
  writeFully,
  type DiskFile,
  type SnapshotInfo,
  type SnapshotSink,
  type SnapshotTrailer,
} from '@corral/persistence';
import { adler32, ADLER32_INITIAL } from './adler32.ts';
import { snapshotName, temporaryName } from './file-names.ts';
import { packer, type Packer } from './snapshot-compression.ts';
import { encodeSeal, encodeSections, SNAPSHOT_HEADER } from './snapshot-format.ts';
import { syncDirectory, syncFile, type Settings } from './settings.ts';

/**
 * Writes one snapshot. It stands under another name until all of it is durable; then it is renamed and the directory
 * synced. Every few megabytes are synced on the way: one sync of all at the end would hold up those of the log, and
 * a page cache full of unwritten pages holds up even plain writes.
 */
export class SnapshotWriter implements SnapshotSink {
  readonly #settings: Settings;
  readonly #zxid: Zxid;
  readonly #name: string;
  readonly #file: DiskFile;
  readonly #packer: Packer;
  readonly #ended: () => void;
  #checksum: number = ADLER32_INITIAL;
  #position = 0;
  #syncedTo = 0;
  #isOpen = true;
  #committing: Promise<SnapshotInfo> | undefined;
  #discarding: Promise<void> | undefined;

  static async create(settings: Settings, zxid: Zxid, ended: () => void): Promise<SnapshotWriter> {
    const name = snapshotName(zxid, settings.snapshotCompression);
    const path = `${settings.snapshotDirectory}/${temporaryName(name)}`;
    const file = await settings.disk.open(path, 'create');
    const writer = new SnapshotWriter(settings, zxid, name, file, ended);
    await writer.write(SNAPSHOT_HEADER);
    return writer;
  }

  private constructor(settings: Settings, zxid: Zxid, name: string, file: DiskFile, ended: () => void) {
    this.#settings = settings;
    this.#zxid = zxid;
    this.#name = name;
    this.#file = file;
    this.#ended = ended;
    this.#packer = packer(settings.snapshotCompression, (bytes) => this.#store(bytes));
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (!this.#isOpen) {
      throw new PersistenceError('CLOSED', 'the snapshot was committed or aborted', { file: this.#name });
    }
    try {
      this.#checksum = adler32(chunk, 0, chunk.length, this.#checksum);
      await this.#packer.write(chunk);
    } catch (cause) {
      await this.#giveUp();
      throw cause;
    }
  }

  commit(trailer: SnapshotTrailer): Promise<SnapshotInfo> {
    this.#committing = this.#commit(trailer);
    return this.#committing;
  }

  /** Where a commit is under way, it has failed or is done when this resolves. */
  async abort(): Promise<void> {
    if (this.#isOpen) await this.#discard();
    await this.#committing?.catch(ignored);
  }

  async #commit(trailer: SnapshotTrailer): Promise<SnapshotInfo> {
    await this.write(encodeSeal(this.#checksum));
    for (const section of encodeSections(trailer)) {
      await this.write(section);
      await this.write(encodeSeal(this.#checksum));
    }
    try {
      await this.#packer.end();
      await syncFile(this.#settings, this.#file);
      if (!this.#isOpen)
        throw new PersistenceError('CLOSED', 'the snapshot was aborted', { file: this.#name });
      await this.#close();
      await this.#settings.disk.rename(this.#path(temporaryName(this.#name)), this.#path(this.#name));
      await syncDirectory(this.#settings, this.#settings.snapshotDirectory);
    } catch (cause) {
      await this.#giveUp();
      throw cause;
    }
    this.#ended();
    return { zxid: this.#zxid, name: this.#name, bytes: this.#position };
  }

  /** Aborts because of an error that is about to be told; another one on the way says nothing new. */
  async #giveUp(): Promise<void> {
    await this.#discard().catch(ignored);
  }

  /** Once, whoever asks for it: what is written while it is aborted fails, and is then given up, too. */
  #discard(): Promise<void> {
    this.#discarding ??= this.#remove();
    return this.#discarding;
  }

  async #remove(): Promise<void> {
    try {
      await this.#close();
      await this.#settings.disk.remove(this.#path(temporaryName(this.#name)));
    } finally {
      this.#ended();
    }
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#packer.drop();
    await this.#file.close();
  }

  async #store(bytes: Uint8Array): Promise<void> {
    await writeFully(this.#file, bytes, this.#position);
    this.#position += bytes.length;
    if (this.#position - this.#syncedTo < SYNC_EVERY_BYTES) return;
    this.#syncedTo = this.#position;
    await syncFile(this.#settings, this.#file);
  }

  #path(name: string): string {
    return `${this.#settings.snapshotDirectory}/${name}`;
  }
}

const SYNC_EVERY_BYTES = 1 << 24;

function ignored(): void {}

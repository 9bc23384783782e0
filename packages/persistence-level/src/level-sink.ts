import {
  PersistenceError,
  type SnapshotInfo,
  type SnapshotSink,
  type SnapshotTrailer,
} from '@corral/persistence';
import { zxidToHex, type Zxid } from '@corral/protocol';
import type { Database } from './database.ts';
import { removeRange } from './level-log.ts';
import { packManifest } from './manifest.ts';
import { chunkKey, chunksOf, KIND, keyOf, packBytes } from './records.ts';

/**
 * Writes one snapshot. Every chunk is synced: a synced write makes durable the current write-ahead log of LevelDB, not
 * the one before it, so a manifest alone could survive a power cut without its first chunks.
 */
export class LevelSink implements SnapshotSink {
  readonly #database: Database;
  readonly #zxid: Zxid;
  readonly #generation: number;
  /** The generation that this one replaces. */
  readonly #old: number | undefined;
  readonly #onEnd: () => void;
  #chunks = 0;
  #bytes = 0;
  #isOpen = true;

  constructor(
    database: Database,
    zxid: Zxid,
    generations: { readonly generation: number; readonly old: number | undefined },
    onEnd: () => void,
  ) {
    this.#database = database;
    this.#zxid = zxid;
    this.#generation = generations.generation;
    this.#old = generations.old;
    this.#onEnd = onEnd;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#requireOpen();
    const key = chunkKey(this.#zxid, this.#generation, this.#chunks++);
    this.#bytes += chunk.length;
    await this.#database.write([{ type: 'put', key, value: packBytes(key, chunk) }]);
  }

  async commit(trailer: SnapshotTrailer): Promise<SnapshotInfo> {
    this.#requireOpen();
    this.#isOpen = false;
    try {
      const key = keyOf(KIND.manifest, this.#zxid);
      const manifest = { generation: this.#generation, chunks: this.#chunks, bytes: this.#bytes, trailer };
      await this.#database.write([{ type: 'put', key, value: packManifest(key, manifest) }]);
      if (this.#old !== undefined) {
        await removeRange(this.#database, chunksOf(this.#zxid, this.#old), false);
      }
    } finally {
      this.#onEnd();
    }
    return { zxid: this.#zxid, name: `snapshot.${zxidToHex(this.#zxid)}`, bytes: this.#bytes };
  }

  async abort(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      await removeRange(this.#database, chunksOf(this.#zxid, this.#generation), false);
    } finally {
      this.#onEnd();
    }
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw new PersistenceError('CLOSED', 'the snapshot was committed or aborted');
  }
}

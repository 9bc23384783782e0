import {
  PersistenceError,
  type SnapshotBody,
  type SnapshotInfo,
  type Snapshots,
  type SnapshotSink,
  type SnapshotTrailer,
} from '@corral/persistence';
import { toZxid, zxidToHex, type Zxid } from '@corral/protocol';
import type { Database } from './database.ts';
import { removeRange, rangeOfZxid } from './level-log.ts';
import { KIND, keyOf, packRecord, rangeOf, unpackRecord, zxidOfKey } from './records.ts';

/**
 * Snapshots: the body in chunks, and a manifest that makes them one. A snapshot exists once its manifest does.
 *
 * Every chunk is written synced: a synced write makes durable the current write-ahead log of LevelDB, not the one
 * before it, so a manifest alone could survive a power cut without its first chunks.
 */
export class LevelSnapshots implements Snapshots {
  readonly #database: Database;
  #isWriting = false;

  constructor(database: Database) {
    this.#database = database;
  }

  async create(zxid: Zxid): Promise<SnapshotSink> {
    if (this.#isWriting) throw new RangeError('a snapshot is being written');
    this.#isWriting = true;
    // What stands under this name is replaced: first its manifest goes, then its chunks.
    await this.#remove(zxid);
    return new LevelSink(this.#database, zxid, () => (this.#isWriting = false));
  }

  async list(): Promise<readonly SnapshotInfo[]> {
    const { name, level } = this.#database;
    const found = await this.#database.run(() =>
      level.iterator({ ...rangeOf(KIND.manifest), reverse: true }).all(),
    );
    return found.map(([key, value]) => infoOf(zxidOfKey(key, name), readManifest(key, value, name).bytes));
  }

  async load(info: SnapshotInfo, body: SnapshotBody): Promise<SnapshotTrailer> {
    const { name, level } = this.#database;
    const damaged = (message: string, offset: number): PersistenceError =>
      new PersistenceError('DAMAGED', message, { file: `${name}/${info.name}`, offset });
    const manifestKey = keyOf(KIND.manifest, info.zxid);
    const value = await this.#database.get(manifestKey);
    if (value === undefined)
      throw new PersistenceError('NOT_FOUND', 'no such snapshot', { file: `${name}/${info.name}` });
    const manifest = readManifest(manifestKey, value, name);
    let offset = 0;
    for (let part = 0; part < manifest.chunks; part++) {
      const key = keyOf(KIND.chunk, info.zxid, part);
      const packed = await this.#database.run(() => level.get(key));
      if (packed === undefined) throw damaged(`chunk ${part} of ${manifest.chunks} is missing`, offset);
      const chunk = unpackRecord(key, packed, name);
      if (!(chunk instanceof Uint8Array) || body.ended) throw damaged('bytes that belong to no body', offset);
      const taken = push(body, chunk, () => damaged('a body that cannot be read', offset));
      offset += taken;
      if (taken !== chunk.length) throw damaged('bytes behind the end of the body', offset);
    }
    if (!body.ended || offset !== manifest.bytes)
      throw damaged('the body does not end where it should', offset);
    return manifest.trailer;
  }

  async purge(retain: number): Promise<readonly string[]> {
    if (!(retain >= 1)) throw new RangeError(`retain ${retain}`);
    const surplus = (await this.list()).slice(retain);
    for (const { zxid } of surplus) await this.#remove(zxid);
    return surplus.map(({ name }) => name);
  }

  /** Removes chunks whose manifest was never written. Returns what was done, for the log. */
  async removeUnfinished(): Promise<readonly string[]> {
    const { name, level } = this.#database;
    const repairs: string[] = [];
    let from = rangeOf(KIND.chunk).gte;
    for (;;) {
      const [key] = await this.#database.run(() =>
        level.keys({ gte: from, lt: rangeOf(KIND.chunk).lt, limit: 1 }).all(),
      );
      if (key === undefined) return repairs;
      const zxid = zxidOfKey(key, name);
      const range = rangeOfZxid(KIND.chunk, zxid);
      if ((await this.#database.get(keyOf(KIND.manifest, zxid))) === undefined) {
        await removeRange(this.#database, range, false);
        repairs.push(`removed the unfinished snapshot ${zxidToHex(zxid)}`);
      }
      from = range.lt;
    }
  }

  async #remove(zxid: Zxid): Promise<void> {
    await this.#database.write([{ type: 'del', key: keyOf(KIND.manifest, zxid) }]);
    await removeRange(this.#database, rangeOfZxid(KIND.chunk, zxid), false);
  }
}

class LevelSink implements SnapshotSink {
  readonly #database: Database;
  readonly #zxid: Zxid;
  readonly #onEnd: () => void;
  #chunks = 0;
  #bytes = 0;
  #isOpen = true;

  constructor(database: Database, zxid: Zxid, onEnd: () => void) {
    this.#database = database;
    this.#zxid = zxid;
    this.#onEnd = onEnd;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#requireOpen();
    const key = keyOf(KIND.chunk, this.#zxid, this.#chunks++);
    this.#bytes += chunk.length;
    await this.#database.write([{ type: 'put', key, value: packRecord(key, chunk) }]);
  }

  async commit(trailer: SnapshotTrailer): Promise<SnapshotInfo> {
    this.#requireOpen();
    this.#end();
    const key = keyOf(KIND.manifest, this.#zxid);
    const { digest, lastProcessedZxid } = trailer;
    const content = [
      this.#chunks,
      this.#bytes,
      digest === undefined ? null : [digest.zxid, digest.version, digest.value.toString(16)],
      lastProcessedZxid ?? null,
    ];
    await this.#database.write([{ type: 'put', key, value: packRecord(key, content) }]);
    return infoOf(this.#zxid, this.#bytes);
  }

  async abort(): Promise<void> {
    if (!this.#isOpen) return;
    this.#end();
    await removeRange(this.#database, rangeOfZxid(KIND.chunk, this.#zxid), false);
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw new PersistenceError('CLOSED', 'the snapshot was committed or aborted');
  }

  #end(): void {
    this.#isOpen = false;
    this.#onEnd();
  }
}

interface Manifest {
  readonly chunks: number;
  readonly bytes: number;
  readonly trailer: SnapshotTrailer;
}

function readManifest(key: Buffer, value: Buffer, file: string): Manifest {
  const content = unpackRecord(key, value, file);
  if (!Array.isArray(content) || content.length !== 4) {
    throw new PersistenceError('DAMAGED', 'not a manifest', { file, offset: 0 });
  }
  const [chunks, bytes, digest, lastProcessedZxid] = content as [
    number,
    number,
    [number, number, string] | null,
    number | null,
  ];
  return {
    chunks,
    bytes,
    trailer: {
      digest:
        digest === null
          ? undefined
          : { zxid: toZxid(digest[0]), version: digest[1], value: BigInt(`0x${digest[2]}`) },
      lastProcessedZxid: lastProcessedZxid === null ? undefined : toZxid(lastProcessedZxid),
    },
  };
}

function push(body: SnapshotBody, chunk: Uint8Array, damaged: () => PersistenceError): number {
  try {
    return body.push(chunk);
  } catch (cause) {
    const error = damaged();
    error.cause = cause;
    throw error;
  }
}

function infoOf(zxid: Zxid, bytes: number): SnapshotInfo {
  return { zxid, name: `snapshot.${zxidToHex(zxid)}`, bytes };
}

import {
  PersistenceError,
  type SnapshotBody,
  type SnapshotInfo,
  type Snapshots,
  type SnapshotSink,
  type SnapshotTrailer,
} from '@corral/persistence';
import { zxidToHex, type Zxid } from '@corral/protocol';
import type { Database } from './database.ts';
import { removeRange } from './level-log.ts';
import { LevelSink } from './level-sink.ts';
import { readManifest, type Manifest } from './manifest.ts';
import {
  chunkKey,
  chunksOf,
  generationOfKey,
  KIND,
  keyOf,
  rangeOf,
  unpackBytes,
  zxidOfKey,
} from './records.ts';

/** Snapshots: the body in chunks, and a manifest that makes them one. A snapshot exists once its manifest does. */
export class LevelSnapshots implements Snapshots {
  readonly #database: Database;
  #isWriting = false;

  constructor(database: Database) {
    this.#database = database;
  }

  async create(zxid: Zxid): Promise<SnapshotSink> {
    this.#database.requireOpen();
    if (this.#isWriting) throw new RangeError('a snapshot is being written');
    this.#isWriting = true;
    try {
      // One of the same zxid stays until this one is whole, unless it is damaged.
      const old = (await this.#manifest(zxid).catch(nothing))?.generation;
      const generation = old === 0 ? 1 : 0;
      for (const each of [0, 1]) {
        if (each !== old) await removeRange(this.#database, chunksOf(zxid, each), false);
      }
      return new LevelSink(this.#database, zxid, { generation, old }, () => (this.#isWriting = false));
    } catch (cause) {
      this.#isWriting = false;
      throw cause;
    }
  }

  /** One whose manifest is damaged is listed, so that loading it says so. */
  async list(): Promise<readonly SnapshotInfo[]> {
    const { location, level } = this.#database;
    const found = await this.#database.run(() =>
      level.iterator({ ...rangeOf(KIND.manifest), reverse: true }).all(),
    );
    return found.map(([key, value]) => {
      try {
        return infoOf(zxidOfKey(key, location), readManifest(key, value, location).bytes);
      } catch {
        return infoOf(zxidOfKey(key, location), 0);
      }
    });
  }

  async load({ zxid, name }: SnapshotInfo, body: SnapshotBody): Promise<SnapshotTrailer> {
    const file = `${this.#database.location}/${name}`;
    const manifest = await this.#manifest(zxid);
    if (manifest === undefined) throw new PersistenceError('NOT_FOUND', 'no such snapshot', { file });
    let offset = 0;
    const damaged = (message: string, cause?: unknown): PersistenceError =>
      new PersistenceError('DAMAGED', message, { file, offset, cause });
    for (let part = 0; part < manifest.chunks; part++) {
      const key = chunkKey(zxid, manifest.generation, part);
      const value = await this.#database.get(key);
      if (value === undefined) throw damaged(`chunk ${part} of ${manifest.chunks} is missing`);
      const chunk = unpackBytes(key, value, this.#database.location);
      if (body.ended) throw damaged('bytes that belong to no body');
      let taken: number;
      try {
        taken = body.push(chunk);
      } catch (cause) {
        throw damaged('a body that cannot be read', cause);
      }
      offset += taken;
      if (taken !== chunk.length) throw damaged('bytes behind the end of the body');
    }
    if (!body.ended || offset !== manifest.bytes) throw damaged('the body does not end where it should');
    return manifest.trailer;
  }

  async purge(retain: number): Promise<readonly string[]> {
    if (!(retain >= 1)) throw new RangeError(`retain ${retain}`);
    return this.#remove((await this.list()).slice(retain));
  }

  async discardAbove(zxid: Zxid): Promise<readonly string[]> {
    if (this.#isWriting) throw new RangeError('a snapshot is being written');
    return this.#remove((await this.list()).filter((info) => info.zxid > zxid));
  }

  async #remove(infos: readonly SnapshotInfo[]): Promise<readonly string[]> {
    for (const { zxid } of infos) {
      await this.#database.write([{ type: 'del', key: keyOf(KIND.manifest, zxid) }]);
      for (const generation of [0, 1]) await removeRange(this.#database, chunksOf(zxid, generation), false);
      await this.#database.compact(chunksOf(zxid, 0).gte, chunksOf(zxid, 1).lt);
    }
    return infos.map(({ name }) => name);
  }

  /** Removes chunks that no manifest knows: those of snapshots that were not finished, replaced or purged. */
  async removeUnfinished(repairs: string[]): Promise<void> {
    const { location, level } = this.#database;
    let from = rangeOf(KIND.chunk).gte;
    for (;;) {
      const [key] = await this.#database.run(() =>
        level.keys({ gte: from, lt: rangeOf(KIND.chunk).lt, limit: 1 }).all(),
      );
      if (key === undefined) return;
      const zxid = zxidOfKey(key, location);
      const generation = generationOfKey(key);
      const range = chunksOf(zxid, generation);
      if (!(await this.#isKnown(zxid, generation))) {
        await removeRange(this.#database, range, false);
        repairs.push(`snapshot.${zxidToHex(zxid)} was left unfinished by a crash and removed`);
      }
      from = range.lt;
    }
  }

  /** A manifest that is damaged may mean any chunks. */
  async #isKnown(zxid: Zxid, generation: number): Promise<boolean> {
    try {
      return (await this.#manifest(zxid))?.generation === generation;
    } catch {
      return true;
    }
  }

  async #manifest(zxid: Zxid): Promise<Manifest | undefined> {
    const key = keyOf(KIND.manifest, zxid);
    const value = await this.#database.get(key);
    return value === undefined ? undefined : readManifest(key, value, this.#database.location);
  }
}

function infoOf(zxid: Zxid, bytes: number): SnapshotInfo {
  return { zxid, name: `snapshot.${zxidToHex(zxid)}`, bytes };
}

function nothing(): undefined {}

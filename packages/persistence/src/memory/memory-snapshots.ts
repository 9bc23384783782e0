import { zxidToHex, type Zxid } from '@corral/protocol';
import { PersistenceError } from '../error.ts';
import type { SnapshotBody, SnapshotInfo, Snapshots, SnapshotSink, SnapshotTrailer } from '../snapshots.ts';
import type { MemoryMedium } from './memory-medium.ts';

export class MemorySnapshots implements Snapshots {
  readonly #medium: MemoryMedium;
  readonly #guard: () => void;
  #busy = false;

  constructor(medium: MemoryMedium, guard: () => void) {
    this.#medium = medium;
    this.#guard = guard;
  }

  async create(zxid: Zxid): Promise<SnapshotSink> {
    this.#guard();
    if (this.#busy) throw new RangeError('a snapshot is being written');
    this.#busy = true;
    return new MemorySink(this.#medium, this.#guard, zxid, () => (this.#busy = false));
  }

  async list(): Promise<readonly SnapshotInfo[]> {
    this.#guard();
    const { snapshots } = this.#medium.durable;
    return [...snapshots].map(([zxid, { body }]) => infoOf(zxid, body)).toSorted((a, b) => b.zxid - a.zxid);
  }

  async load(info: SnapshotInfo, body: SnapshotBody): Promise<SnapshotTrailer> {
    this.#guard();
    const found = this.#medium.durable.snapshots.get(info.zxid);
    if (found === undefined) throw new PersistenceError('NOT_FOUND', 'no such snapshot', { file: info.name });
    feed(found.body, body, info.name);
    return found.trailer;
  }

  async purge(retain: number): Promise<readonly string[]> {
    if (!(retain >= 1)) throw new RangeError(`retain ${retain}`);
    return this.#remove((await this.list()).slice(retain));
  }

  async discardAbove(zxid: Zxid): Promise<readonly string[]> {
    if (this.#busy) throw new RangeError('a snapshot is being written');
    return this.#remove((await this.list()).filter((info) => info.zxid > zxid));
  }

  #remove(infos: readonly SnapshotInfo[]): readonly string[] {
    for (const { zxid } of infos) this.#medium.durable.snapshots.delete(zxid);
    return infos.map(({ name }) => name);
  }
}

const CHUNK_BYTES = 1 << 16;

function feed(bytes: Uint8Array, body: SnapshotBody, file: string): void {
  let at = 0;
  try {
    while (at < bytes.length && !body.ended) at += body.push(bytes.slice(at, at + CHUNK_BYTES));
  } catch (cause) {
    throw new PersistenceError('DAMAGED', 'the body makes no sense', { file, offset: at, cause });
  }
  if (!body.ended || at !== bytes.length) {
    throw new PersistenceError('DAMAGED', 'the body does not end where it should', { file, offset: at });
  }
}

function infoOf(zxid: Zxid, body: Uint8Array): SnapshotInfo {
  return { zxid, name: `snapshot.${zxidToHex(zxid)}`, bytes: body.length };
}

class MemorySink implements SnapshotSink {
  readonly #medium: MemoryMedium;
  readonly #guard: () => void;
  readonly #zxid: Zxid;
  readonly #ended: () => void;
  #chunks: Uint8Array[] | undefined = [];

  constructor(medium: MemoryMedium, guard: () => void, zxid: Zxid, ended: () => void) {
    this.#medium = medium;
    this.#guard = guard;
    this.#zxid = zxid;
    this.#ended = ended;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#open().push(chunk.slice());
  }

  async commit(trailer: SnapshotTrailer): Promise<SnapshotInfo> {
    const body = joined(this.#open());
    this.#end();
    await this.#medium.beforeSync();
    this.#guard();
    this.#medium.durable.snapshots.set(this.#zxid, { body, trailer });
    return infoOf(this.#zxid, body);
  }

  async abort(): Promise<void> {
    if (this.#chunks !== undefined) this.#end();
  }

  #open(): Uint8Array[] {
    this.#guard();
    if (this.#chunks === undefined)
      throw new PersistenceError('CLOSED', 'the snapshot was committed or aborted');
    return this.#chunks;
  }

  #end(): void {
    this.#chunks = undefined;
    this.#ended();
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

import assert from 'node:assert/strict';
import { zxidOf, type Zxid } from '@corral/protocol';
import { PersistenceError, type PersistenceErrorCode } from '../error.ts';
import type { SnapshotBody, SnapshotInfo, SnapshotTrailer } from '../snapshots.ts';
import type { Storage } from '../storage.ts';
import type { TxnLog } from '../txn-log.ts';

/** A zxid of epoch 0, or of another one. */
export function at(counter: number, epoch = 0): Zxid {
  return zxidOf(epoch, counter);
}

/** An entry as real ones look to a log: a TxnHeader that names its zxid, then bytes that tell it from all others. */
export function entry(zxid: Zxid, length = 60, salt = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 32; i < length; i++) bytes[i] = (zxid * 31 + salt * 17 + i * 7) & 0xff;
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, 0x100_0000_0001n);
  view.setBigInt64(12, BigInt(zxid));
  view.setInt32(28, 5);
  return bytes;
}

export function appendAll(log: TxnLog, zxids: Iterable<Zxid>): void {
  for (const zxid of zxids) log.append(zxid, entry(zxid));
}

export function range(first: number, last: number, epoch = 0): Zxid[] {
  return Array.from({ length: last - first + 1 }, (_, i) => at(first + i, epoch));
}

/** Everything above `after`, copied. */
export async function readAll(
  log: TxnLog,
  after: Zxid = at(0),
): Promise<{ zxid: Zxid; bytes: Uint8Array }[]> {
  const found: { zxid: Zxid; bytes: Uint8Array }[] = [];
  await log.read(after, ({ zxid, bytes }) => void found.push({ zxid, bytes: bytes.slice() }));
  return found;
}

export async function assertHolds(log: TxnLog, zxids: readonly Zxid[], after: Zxid = at(0)): Promise<void> {
  const found = await readAll(log, after);
  assert.deepEqual(
    found.map(({ zxid }) => zxid),
    zxids,
  );
  for (const { zxid, bytes } of found) assertSameBytes(bytes, entry(zxid));
}

/** Not `deepEqual`: the difference of two arrays of a megabyte takes all memory there is to describe. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(Object.getPrototypeOf(actual), Uint8Array.prototype);
  assert.equal(actual.length, expected.length);
  const differsAt = expected.findIndex((byte, i) => byte !== actual[i]);
  assert.equal(differsAt, -1, `byte ${differsAt} of ${expected.length} differs`);
}

export async function assertRejects(promise: Promise<unknown>, code: PersistenceErrorCode): Promise<void> {
  await assert.rejects(promise, (error) => error instanceof PersistenceError && error.code === code);
}

export function assertThrows(call: () => void, code: PersistenceErrorCode): void {
  assert.throws(call, (error) => error instanceof PersistenceError && error.code === code);
}

/** A parser that knows how long its body is, and keeps it. */
export class CountedBody implements SnapshotBody {
  readonly bytes: Uint8Array;
  #length = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  get ended(): boolean {
    return this.#length === this.bytes.length;
  }

  push(chunk: Uint8Array): number {
    const count = Math.min(chunk.length, this.bytes.length - this.#length);
    this.bytes.set(chunk.subarray(0, count), this.#length);
    this.#length += count;
    return count;
  }
}

export function sampleBody(length: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 13 + (i >> 8) * 7 + salt) & 0xff);
}

export async function takeSnapshot(
  storage: Storage,
  zxid: Zxid,
  body: Uint8Array = sampleBody(1000, zxid),
  trailer: SnapshotTrailer = {},
  chunkBytes = 4096,
): Promise<SnapshotInfo> {
  const sink = await storage.snapshots.create(zxid);
  for (let i = 0; i < body.length; i += chunkBytes) {
    const chunk = body.slice(i, i + chunkBytes);
    await sink.write(chunk);
    chunk.fill(0xee);
  }
  return sink.commit(trailer);
}

export async function assertLoads(
  storage: Storage,
  info: SnapshotInfo,
  body: Uint8Array,
): Promise<SnapshotTrailer> {
  const parser = new CountedBody(body.length);
  const trailer = await storage.snapshots.load(info, parser);
  assertSameBytes(parser.bytes, body);
  return trailer;
}

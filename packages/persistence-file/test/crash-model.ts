import { deepStrictEqual, ok } from 'node:assert/strict';
import type { Storage } from '@corral/persistence';
import { ZXID_NONE, type Zxid } from '@corral/protocol';
import { CountedBody, entry, sampleBody } from '@corral/persistence/compliance';

/**
 * What must and what may be found after a power cut, kept beside a workload. Before an operation begins it says what
 * may become of it; when its promise has resolved, what must.
 */
export class CrashModel {
  /** Every entry appended and not forgotten again, in order, with its length. */
  #appended: { readonly zxid: Zxid; readonly length: number }[] = [];
  /** So many of them must be found at least. */
  #acknowledged = 0;
  /** Entries up to here may be gone. */
  #purgedTo: Zxid = ZXID_NONE;
  #snapshotsThatMust: Set<Zxid> = new Set();
  #snapshotsThatMay: Set<Zxid> = new Set();
  #accepted: { least: number; most: number } = { least: 0, most: 0 };
  #current: { least: number; most: number } = { least: 0, most: 0 };

  copy(): CrashModel {
    const copy = new CrashModel();
    copy.#appended = this.#appended.slice();
    copy.#acknowledged = this.#acknowledged;
    copy.#purgedTo = this.#purgedTo;
    copy.#snapshotsThatMust = new Set(this.#snapshotsThatMust);
    copy.#snapshotsThatMay = new Set(this.#snapshotsThatMay);
    copy.#accepted = { ...this.#accepted };
    copy.#current = { ...this.#current };
    return copy;
  }

  append({ log }: Storage, zxid: Zxid, length: number): void {
    log.append(zxid, entry(zxid, length));
    this.#appended.push({ zxid, length });
  }

  async sync({ log }: Storage): Promise<void> {
    const covered = this.#appended.length;
    await log.sync();
    this.#acknowledged = Math.max(this.#acknowledged, covered);
  }

  async truncate({ log }: Storage, zxid: Zxid): Promise<void> {
    const kept = this.#appended.findLastIndex((appended) => appended.zxid <= zxid) + 1;
    this.#acknowledged = kept;
    await log.truncate(zxid);
    this.#appended.length = kept;
  }

  async purgeLog({ log }: Storage, zxid: Zxid): Promise<void> {
    this.#purgedTo = zxid;
    await log.purge(zxid);
  }

  async snapshot({ snapshots }: Storage, zxid: Zxid, length: number): Promise<void> {
    const sink = await snapshots.create(zxid);
    this.#snapshotsThatMay.add(zxid);
    await sink.write(snapshotBody(zxid, length).subarray(0, length >> 1));
    await sink.write(snapshotBody(zxid, length).subarray(length >> 1));
    await sink.commit({ lastProcessedZxid: zxid });
    this.#snapshotsThatMust.add(zxid);
  }

  async abandonSnapshot({ snapshots }: Storage, zxid: Zxid): Promise<void> {
    const sink = await snapshots.create(zxid);
    await sink.write(snapshotBody(zxid, 1000));
    await sink.abort();
  }

  async purgeSnapshots({ snapshots }: Storage, retain: number): Promise<void> {
    const newest = [...this.#snapshotsThatMust].toSorted((a, b) => b - a);
    this.#snapshotsThatMust = new Set(newest.slice(0, retain));
    await snapshots.purge(retain);
    this.#snapshotsThatMay = new Set(this.#snapshotsThatMust);
  }

  async setAccepted({ epochs }: Storage, epoch: number): Promise<void> {
    this.#accepted.most = epoch;
    await epochs.setAccepted(epoch);
    this.#accepted.least = epoch;
  }

  async setCurrent({ epochs }: Storage, epoch: number): Promise<void> {
    this.#current.most = epoch;
    await epochs.setCurrent(epoch);
    this.#current.least = epoch;
  }

  /** After a restart what was found is all there is, and all of it must stay. */
  async adopt(storage: Storage): Promise<void> {
    const found = await this.#checkLog(storage);
    this.#appended.length = this.#appended.findIndex(({ zxid }) => zxid === found) + 1;
    this.#acknowledged = this.#appended.length;
    this.#snapshotsThatMust = new Set((await storage.snapshots.list()).map(({ zxid }) => zxid));
    this.#snapshotsThatMay = new Set(this.#snapshotsThatMust);
    this.#accepted.least = this.#accepted.most = storage.epochs.accepted ?? 0;
    this.#current.least = this.#current.most = storage.epochs.current ?? 0;
  }

  /** @throws AssertionError where `storage` holds less than it must or more than it may */
  async check(storage: Storage): Promise<void> {
    await this.#checkLog(storage);
    const listed = await storage.snapshots.list();
    for (const zxid of this.#snapshotsThatMust)
      ok(
        listed.some((info) => info.zxid === zxid),
        `snapshot ${zxid} is lost`,
      );
    for (const info of listed) {
      ok(this.#snapshotsThatMay.has(info.zxid), `snapshot ${info.zxid} was never taken`);
      const body = new CountedBody(snapshotLength(info.bytes));
      deepStrictEqual(await storage.snapshots.load(info, body), { lastProcessedZxid: info.zxid });
      deepStrictEqual(body.bytes, snapshotBody(info.zxid, body.bytes.length));
    }
    for (const [epoch, { least, most }] of [
      [storage.epochs.accepted ?? 0, this.#accepted],
      [storage.epochs.current ?? 0, this.#current],
    ] as const) {
      ok(epoch >= least && epoch <= most, `an epoch is ${epoch}, not within ${least} to ${most}`);
    }
  }

  /** The log must be a stretch of what was appended that ends at or behind what was acknowledged. */
  async #checkLog({ log }: Storage): Promise<Zxid> {
    const found: { zxid: Zxid; bytes: Uint8Array }[] = [];
    await log.read(this.#purgedTo, ({ zxid, bytes }) => void found.push({ zxid, bytes: bytes.slice() }));
    const expected = this.#appended.filter(({ zxid }) => zxid > this.#purgedTo);
    const must = this.#appended.slice(0, this.#acknowledged).filter(({ zxid }) => zxid > this.#purgedTo);
    ok(found.length >= must.length, `${found.length} entries of ${must.length} acknowledged ones`);
    ok(found.length <= expected.length, `${found.length} entries of ${expected.length}`);
    for (const [i, { zxid, bytes }] of found.entries()) {
      deepStrictEqual(zxid, expected[i]!.zxid);
      deepStrictEqual(bytes, entry(zxid, expected[i]!.length));
    }
    const last = found.at(-1)?.zxid;
    if (last !== undefined) deepStrictEqual(log.lastZxid, last);
    return log.lastZxid;
  }
}

/** Header, a seal, the last processed zxid and its seal: what a file has besides its body. */
const SNAPSHOT_OVERHEAD_BYTES = 16 + 13 + 8 + 13;

function snapshotLength(fileBytes: number): number {
  return fileBytes - SNAPSHOT_OVERHEAD_BYTES;
}

function snapshotBody(zxid: Zxid, length: number): Uint8Array {
  return sampleBody(length, zxid);
}

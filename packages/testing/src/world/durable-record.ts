import type { Zxid } from '@corral/protocol';

export interface LoggedEntry {
  readonly zxid: Zxid;
  readonly bytes: Uint8Array;
  /** Of the bytes. */
  readonly hash: number;
}

/** What one server's storage has been given and has promised, as seen from outside: the log, its synced part, snapshots, epochs. */
export class DurableRecord {
  /** In zxid order: appended, and not forgotten since. The oldest are dropped here when there are many. */
  readonly entries: LoggedEntry[] = [];
  /** The newest entry that a sync has covered, or 0. */
  syncedZxid = 0;
  /** The newest snapshot that was committed, or 0. */
  snapshotZxid = 0;
  acceptedEpoch = -1;
  currentEpoch = -1;

  get lastZxid(): number {
    return this.entries.at(-1)?.zxid ?? 0;
  }

  /** Everything up to it outlives a power cut. */
  get durableZxid(): number {
    return Math.max(this.syncedZxid, this.snapshotZxid);
  }

  find(zxid: number): LoggedEntry | undefined {
    const { entries } = this;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entries[middle]!.zxid < zxid) low = middle + 1;
      else high = middle;
    }
    const found = entries[low];
    return found?.zxid === zxid ? found : undefined;
  }

  /** @param known what another server has logged under this zxid: members share what is equal */
  append(zxid: Zxid, bytes: Uint8Array, known: LoggedEntry | undefined): LoggedEntry {
    const entry =
      known?.zxid === zxid && isEqual(known.bytes, bytes)
        ? known
        : { zxid, bytes: bytes.slice(), hash: hashOf(bytes) };
    this.entries.push(entry);
    if (this.entries.length > ENTRIES_KEPT * 2) this.entries.splice(0, ENTRIES_KEPT);
    return entry;
  }

  /** Forgets what is above, and returns it. */
  truncate(zxid: number): LoggedEntry[] {
    let kept = this.entries.length;
    while (kept > 0 && this.entries[kept - 1]!.zxid > zxid) kept--;
    const gone = this.entries.splice(kept);
    this.syncedZxid = Math.min(this.syncedZxid, zxid);
    return gone;
  }

  wipe(): void {
    this.entries.length = 0;
    this.syncedZxid = this.snapshotZxid = 0;
    this.acceptedEpoch = this.currentEpoch = -1;
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5 | 0;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x0100_0193);
  return hash;
}

const ENTRIES_KEPT = 4000;

import type { HistoryRecord } from '@corral/testing';

/** Sums up a history as it grows. */
export class Ledger {
  requests = 0;
  answered = 0;
  unknown = 0;
  writesAcked = 0;
  events = 0;
  connections = 0;
  moves = 0;
  expired = 0;
  zxidMax = 0;
  /** Between two acknowledged writes, whatever was broken. In milliseconds. */
  longestGapMs = 0;
  /** Of the time in which a majority was left alone. */
  longestGapWithQuorumMs = 0;
  /** The longest time in which this process, and all clients in it, stood still itself. */
  longestStallMs = 0;
  #firstEpoch = 0;
  #ackedAt: number | undefined;
  #freeSince: number | undefined = 0;

  note(record: HistoryRecord): void {
    switch (record.kind) {
      case 'request':
        this.requests++;
        if (record.outcome === 'unknown') {
          this.unknown++;
          return;
        }
        this.answered++;
        if (record.outcome === 'ok' && WRITES.has(record.operation.op))
          this.#acked(record.zxid, record.returnedAt);
        return;
      case 'event':
        this.events++;
        return;
      case 'connected':
        this.connections++;
        if (!record.isNew) this.moves++;
        return;
      case 'disconnected':
        if (record.isExpired) this.expired++;
    }
  }

  /** Whether a majority is left alone, from now on. */
  quorum(isFree: boolean, now: number): void {
    if (isFree) this.#freeSince ??= now;
    else {
      this.#gapTo(now);
      this.#freeSince = undefined;
    }
  }

  /** Terms in which something was written, but for the first. */
  get elections(): number {
    return Math.max(0, epochOf(this.zxidMax) - this.#firstEpoch);
  }

  #acked(zxid: number, at: number): void {
    if (this.zxidMax === 0) this.#firstEpoch = epochOf(zxid);
    this.writesAcked++;
    this.zxidMax = Math.max(this.zxidMax, zxid);
    this.longestGapMs = Math.max(this.longestGapMs, at - (this.#ackedAt ?? at));
    this.#gapTo(at);
    this.#ackedAt = at;
  }

  #gapTo(now: number): void {
    if (this.#freeSince === undefined || this.#ackedAt === undefined) return;
    const gap = now - Math.max(this.#ackedAt, this.#freeSince);
    this.longestGapWithQuorumMs = Math.max(this.longestGapWithQuorumMs, gap);
  }
}

function epochOf(zxid: number): number {
  return Math.floor(zxid / 2 ** 32);
}

const WRITES: ReadonlySet<string> = new Set(['create', 'delete', 'setData', 'multi', 'setACL']);

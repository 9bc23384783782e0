import { zxidToHex, type Zxid } from '@corral/protocol';
import { isContiguous, PersistenceError, type LogEntry, type LogEntryHandler } from '@corral/persistence';
import type { LogRecord } from './log-scan.ts';

/**
 * Puts the records of log files in order and hands out each entry once. Apache appends what it is given, with a
 * warning at most (FileTxnLog.append), so sound logs hold records in other places than theirs:
 *
 * - A follower of 3.8 that has changed its leader may log through two processors at once (ZOOKEEPER-4712). Every
 *   entry then comes twice, byte for byte, the second time some hundred entries late, and a file may begin with the
 *   late ones. Entries that are ahead of their turn are held until the ones before have come.
 * - 3.9 logs the error of a request that it cannot read under the zxid before it, which it has in common with an
 *   entry then (PrepRequestProcessor.pRequestHelper). It changes nothing.
 *
 * Another entry under a zxid that has passed is another history: damage.
 */
export class EntryMerge {
  readonly #after: Zxid;
  readonly #handler: LogEntryHandler;
  #last: Zxid;
  /** Ahead of their turn, in zxid order. At most {@link HELD_MAX}. */
  #held: HeldEntry[] = [];
  #heldBytes = 0;
  /** The latest zxids that were handed out and their checksums, by the zxid's remainder. */
  readonly #zxids: Float64Array = new Float64Array(REPEATS_MAX);
  readonly #checksums: Uint32Array = new Uint32Array(REPEATS_MAX);
  /** The entry that is being handed out; the same object every time. */
  readonly #entry: { zxid: Zxid; bytes: Uint8Array; file: string; offset: number };

  constructor(after: Zxid, handler: LogEntryHandler) {
    this.#after = after;
    this.#handler = handler;
    this.#last = after;
    this.#entry = { zxid: after, bytes: new Uint8Array(0), file: '', offset: 0 };
  }

  /** The highest zxid that was handed out, or what was asked for. */
  get last(): Zxid {
    return this.#last;
  }

  /** Whether entries are held because the ones before are missing. */
  get isWaiting(): boolean {
    return this.#held.length > 0;
  }

  /** Whether so many are held that the ones before will not come any more. */
  get isFull(): boolean {
    return this.#held.length >= HELD_MAX || this.#heldBytes >= HELD_BYTES_MAX;
  }

  take(record: LogRecord, file: string): void | Promise<void> {
    const { zxid } = record;
    if (zxid <= this.#last) return this.#requireRepeat(record, file);
    const isNext = isContiguous(this.#last, zxid) && !(this.isWaiting && this.#held[0]!.zxid <= zxid);
    if (!isNext) return this.#hold(record, file);
    const given = this.#give(zxid, record.bytes, record.checksum, file, record.offset);
    return this.isWaiting ? this.#drain(given) : given;
  }

  /** Hands out all that is held, over the gap before it. */
  async flush(): Promise<void> {
    const all = this.#held;
    this.drop();
    for (const held of all) await this.#give(held.zxid, held.bytes, held.checksum, held.file, held.offset);
  }

  /** Forgets what is held: it will be read again. */
  drop(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }

  async #drain(given: void | Promise<void>): Promise<void> {
    await given;
    while (this.isWaiting && isContiguous(this.#last, this.#held[0]!.zxid)) {
      const held = this.#held.shift()!;
      this.#heldBytes -= held.bytes.length;
      await this.#give(held.zxid, held.bytes, held.checksum, held.file, held.offset);
    }
  }

  #give(zxid: Zxid, bytes: Uint8Array, checksum: number, file: string, offset: number): void | Promise<void> {
    const slot = zxid % REPEATS_MAX;
    this.#zxids[slot] = zxid;
    this.#checksums[slot] = checksum;
    this.#last = zxid;
    this.#entry.zxid = zxid;
    this.#entry.bytes = bytes;
    this.#entry.file = file;
    this.#entry.offset = offset;
    return this.#handler(this.#entry satisfies LogEntry);
  }

  #hold({ zxid, bytes, checksum, offset }: LogRecord, file: string): void {
    const before = this.#held.findLastIndex((held) => held.zxid <= zxid);
    if (this.#held[before]?.zxid === zxid) return;
    this.#held.splice(before + 1, 0, { zxid, bytes: bytes.slice(), checksum, file, offset });
    this.#heldBytes += bytes.length;
  }

  #requireRepeat({ zxid, bytes, checksum, offset }: LogRecord, file: string): void {
    if (zxid <= this.#after || isError(bytes)) return;
    const slot = zxid % REPEATS_MAX;
    if (this.#zxids[slot] === zxid && this.#checksums[slot] === checksum) return;
    throw new PersistenceError('DAMAGED', `zxid ${zxidToHex(zxid)} goes backwards`, { file, offset });
  }
}

interface HeldEntry {
  readonly zxid: Zxid;
  readonly bytes: Uint8Array;
  readonly checksum: number;
  readonly file: string;
  readonly offset: number;
}

/** The type of a transaction stands behind client id, cxid, zxid and time (TxnHeader); that of an error is -1. */
export function isError(entry: Uint8Array): boolean {
  return (entry[TYPE_AT]! & entry[TYPE_AT + 1]! & entry[TYPE_AT + 2]! & entry[TYPE_AT + 3]!) === 0xff;
}

const TYPE_AT = 28;
/** How far back a repeated entry is recognised; 351 were seen. */
const REPEATS_MAX = 4096;
const HELD_MAX = 4096;
const HELD_BYTES_MAX: number = 1 << 25;

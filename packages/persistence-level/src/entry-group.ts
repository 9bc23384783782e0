import { JuteReader, JuteWriter } from '@corral/jute';
import { ENTRY_BYTES_MIN, ENTRY_ZXID_AT } from '@corral/persistence';
import { toZxid, type Zxid } from '@corral/protocol';
import { damagedRecord } from './records.ts';

/**
 * Entries that stand in one record: the length of each and its bytes, one behind the other. LevelDB's costs are per
 * record (an object for the native side, a place in its skip list), so a group commit is a few records, not thousands.
 */
export class EntryGroup {
  readonly #content: JuteWriter = new JuteWriter(CAPACITY_BYTES);

  get isEmpty(): boolean {
    return this.#content.length === 0;
  }

  /** Whether `entry` would make it larger than a record should be. One that is larger by itself stands alone. */
  isFullFor(entry: Uint8Array): boolean {
    return !this.isEmpty && this.#content.length + entry.length > GROUP_BYTES_MAX;
  }

  append(entry: Uint8Array): void {
    this.#content.writeBuffer(entry);
  }

  /** What was gathered; valid until the next `append` or `clear`. */
  content(): Uint8Array {
    return this.#content.bytes();
  }

  clear(): void {
    this.#content.clear(GROUP_BYTES_MAX * 2);
  }
}

/** Reads the entries of a record, whose key has the zxid of the last of them. */
export class EntryGroupReader {
  zxid: Zxid;
  /** Where the entry stands in the content. */
  start = 0;
  end = 0;
  readonly #key: Buffer;
  readonly #last: Zxid;
  readonly #location: string;
  readonly #r: JuteReader;

  /** @param bounds all entries are above `previous`, and the last of them is `last` */
  constructor(
    key: Buffer,
    content: Uint8Array,
    bounds: { readonly previous: Zxid; readonly last: Zxid },
    location: string,
  ) {
    this.zxid = bounds.previous;
    this.#key = key;
    this.#last = bounds.last;
    this.#location = location;
    this.#r = new JuteReader(content, content.length);
  }

  /** Goes on to the next entry. False behind the last one. @throws PersistenceError `DAMAGED` */
  next(): boolean {
    const r = this.#r;
    const before = this.zxid;
    if (r.remaining === 0) {
      if (before !== this.#last) throw this.#damaged('the entry it is called after is missing');
      return false;
    }
    try {
      const length = r.readLength();
      if (length < ENTRY_BYTES_MIN) throw new RangeError(`an entry of ${length} bytes`);
      this.start = r.offset;
      this.end = this.start + length;
      r.skip(ENTRY_ZXID_AT);
      this.zxid = toZxid(r.readLongNumber());
      r.skip(this.end - r.offset);
    } catch (cause) {
      throw this.#damaged('not a group of entries', cause);
    }
    if (this.zxid <= before) throw this.#damaged('a zxid that goes backwards');
    return true;
  }

  #damaged(message: string, cause?: unknown): Error {
    return damagedRecord(this.#key, this.#location, message, cause);
  }
}

/** Small enough to be cut and purged piece by piece, large enough that a record's own costs vanish. */
const GROUP_BYTES_MAX = 64 * 1024;
const CAPACITY_BYTES = 16 * 1024;

import { JuteError, MAX_BUFFER_DEFAULT, utf8Decode } from '@corral/jute';
import { Identity } from './acl.ts';
import { QuorumPacket } from './quorum-records.ts';

export interface QuorumPacketLimits {
  /**
   * The most bytes of `data` believed, and the most of `authinfo` in all. Between servers Apache adds
   * `jute.maxbuffer.extrasize` to `jute.maxbuffer`: what one client may ask for must pass with its header.
   */
  readonly valueMax: number;
}

/**
 * Cuts the stream between a learner and its leader into packets. They have no outer length: where one ends is
 * known only when its last field is.
 *
 *     splitter.push(chunk);
 *     for (let packet = splitter.next(); packet !== undefined; packet = splitter.next()) handle(packet);
 *
 * A packet belongs to whoever took it: its data is a copy, since all that has data is kept for longer than the
 * transport lends its chunk. A packet cut across chunks is collected in a buffer that grows as bytes arrive, never to
 * what was merely promised, and that the packet then takes with it. Offsets in errors count from the packet's first byte.
 *
 * Behind a SNAP packet the stream is no packets for a while: take `rest()` at once, and push what follows the
 * snapshot when it is over.
 */
export class QuorumPacketSplitter {
  readonly #valueMax: number;
  #chunk: Uint8Array = EMPTY;
  #at = 0;
  #kept: Uint8Array = EMPTY;
  #keptLength = 0;
  /** What is known of the packet at hand: it has at least so many bytes. */
  #needed = SMALLEST;
  /** Of which so many are understood; 0 before `data`'s length is. */
  #understood = 0;
  #dataLength = 0;
  #identities = 0;
  /** What copies of small data share, a power of two in length. */
  #shared: Uint8Array = EMPTY;
  #sharedUsed = 0;
  #lastAuthinfo: Uint8Array = EMPTY;
  #lastIdentities: Identity[] = [];
  /** Strings of `authinfo` not measured yet. */
  #stringsLeft = 0;

  constructor(limits: QuorumPacketLimits = { valueMax: MAX_BUFFER_DEFAULT * 2 }) {
    this.#valueMax = limits.valueMax;
  }

  /** Bytes held of a packet that is not whole yet. */
  get pending(): number {
    return this.#keptLength + this.#chunk.length - this.#at;
  }

  /** Adds the next bytes. @throws RangeError where `next` has not returned undefined since the last push */
  push(chunk: Uint8Array): void {
    if (this.#at < this.#chunk.length) throw new RangeError('push before the last chunk was used up');
    this.#chunk = chunk;
    this.#at = 0;
  }

  /**
   * The next whole packet; undefined when the bytes at hand hold none, and what is left is then kept.
   *
   * @throws JuteError where a length is negative or above its bound, the zxid is beyond what a number holds, or an
   * identity is not UTF-8; the stream is lost then.
   */
  next(): QuorumPacket | undefined {
    if (this.#keptLength > 0) return this.#nextAcrossChunks();
    const chunk = this.#chunk;
    const at = this.#at;
    if (this.#measure(chunk, at, chunk.length)) {
      this.#at = at + this.#needed;
      return this.#packet(chunk, at, false);
    }
    this.#keep(chunk.length - at);
    this.#chunk = EMPTY;
    this.#at = 0;
    return undefined;
  }

  /** Hands out, as a copy, what has not been cut into a packet yet, and forgets it. */
  rest(): Uint8Array {
    const rest = new Uint8Array(this.pending);
    rest.set(this.#kept.subarray(0, this.#keptLength));
    rest.set(this.#chunk.subarray(this.#at), this.#keptLength);
    this.#kept = this.#chunk = EMPTY;
    this.#keptLength = this.#at = 0;
    this.#begin();
    return rest;
  }

  #nextAcrossChunks(): QuorumPacket | undefined {
    do {
      const missing = this.#needed - this.#keptLength;
      this.#keep(Math.min(missing, this.#chunk.length - this.#at));
      if (this.#keptLength < this.#needed) {
        this.#chunk = EMPTY;
        this.#at = 0;
        return undefined;
      }
    } while (!this.#measure(this.#kept, 0, this.#keptLength));
    const kept = this.#kept;
    this.#kept = EMPTY;
    this.#keptLength = 0;
    return this.#packet(kept, 0, true);
  }

  /**
   * Whether the packet that begins at `start` is whole; `#needed` is its length then. Otherwise what is known stays
   * known, so that a packet that comes byte by byte costs no more than one that does not.
   */
  #measure(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < this.#needed) return false;
    if (this.#understood === 0) {
      this.#dataLength = this.#checkedData(readInt(bytes, start + DATA_AT));
      this.#understood = DATA_AT + 4 + Math.max(this.#dataLength, 0);
      this.#identities = UNKNOWN;
      this.#needed = this.#understood + 4;
      if (end - start < this.#needed) return false;
    }
    if (this.#identities === UNKNOWN) {
      this.#identities = this.#checkedCount(readInt(bytes, start + this.#understood));
      this.#stringsLeft = Math.max(this.#identities, 0) * 2;
      this.#understood += 4;
      this.#needed = this.#understood + this.#stringsLeft * 4;
    }
    return this.#stringsLeft === 0 || this.#measureStrings(bytes, start, end);
  }

  /** `#needed` always has room for the length of each string that is left. */
  #measureStrings(bytes: Uint8Array, start: number, end: number): boolean {
    while (this.#stringsLeft > 0) {
      if (end - start < this.#needed) return false;
      const length = this.#checkedString(readInt(bytes, start + this.#understood));
      this.#understood += 4 + length;
      this.#needed += length;
      this.#stringsLeft--;
    }
    return end - start >= this.#needed;
  }

  /** The packet that has been measured. Where the bytes are its own already, its data is a view of them. */
  #packet(bytes: Uint8Array, start: number, isOwn: boolean): QuorumPacket {
    const zxid = readInt(bytes, start + 4) * 0x1_0000_0000 + (readInt(bytes, start + 8) >>> 0);
    if (!Number.isSafeInteger(zxid)) throw new JuteError('OUT_OF_RANGE', 4, 'a zxid beyond 2^53 - 1');
    const dataAt = start + DATA_AT + 4;
    const length = this.#dataLength;
    const data =
      length < 0
        ? null
        : isOwn
          ? bytes.subarray(dataAt, dataAt + length)
          : this.#copy(bytes, dataAt, dataAt + length);
    const authinfo =
      this.#identities < 0 ? null : this.#readIdentities(bytes, start, dataAt + Math.max(length, 0) + 4);
    this.#begin();
    return new QuorumPacket(readInt(bytes, start), zxid, data, authinfo);
  }

  #readIdentities(bytes: Uint8Array, start: number, at: number): Identity[] {
    const end = start + this.#needed;
    if (this.#isLastAuthinfo(bytes, at, end)) return this.#lastIdentities;
    const identities: Identity[] = [];
    let schemeAt = at;
    for (let i = 0; i < this.#identities; i++) {
      const idAt = schemeAt + 4 + Math.max(readInt(bytes, schemeAt), 0);
      identities.push(new Identity(readText(bytes, start, schemeAt), readText(bytes, start, idAt)));
      schemeAt = idAt + 4 + Math.max(readInt(bytes, idAt), 0);
    }
    if (end - at <= REMEMBERED_AUTHINFO_MAX) {
      this.#lastAuthinfo = ownCopy(bytes, at, end);
      this.#lastIdentities = identities;
    }
    return identities;
  }

  /** Clients with the same identities follow one another: most have no other than their address. */
  #isLastAuthinfo(bytes: Uint8Array, at: number, end: number): boolean {
    const last = this.#lastAuthinfo;
    if (last.length !== end - at) return false;
    for (let i = 0; i < last.length; i++) if (last[i] !== bytes[at + i]) return false;
    return true;
  }

  /** Small copies lie one behind the other in buffers that are never written again: an allocation each costs more. */
  #copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length > SHARED_COPY_MAX) return ownCopy(bytes, start, end);
    if (this.#sharedUsed + length > this.#shared.length) {
      this.#shared = new Uint8Array(Math.min(Math.max(this.#shared.length * 2, SHARED_MIN), SHARED_MAX));
      this.#sharedUsed = 0;
    }
    const to = this.#sharedUsed;
    this.#sharedUsed += length;
    if (length > COPY_BY_LOOP_MAX) this.#shared.set(bytes.subarray(start, end), to);
    else for (let i = 0; i < length; i++) this.#shared[to + i] = bytes[start + i]!;
    return this.#shared.subarray(to, to + length);
  }

  #begin(): void {
    this.#needed = SMALLEST;
    this.#understood = 0;
  }

  #keep(count: number): void {
    if (count === 0) return;
    const wanted = this.#keptLength + count;
    if (wanted > this.#kept.length) {
      const larger = new Uint8Array(Math.max(wanted, Math.min(this.#kept.length * 2, this.#needed), 64));
      larger.set(this.#kept.subarray(0, this.#keptLength));
      this.#kept = larger;
    }
    this.#kept.set(this.#chunk.subarray(this.#at, this.#at + count), this.#keptLength);
    this.#keptLength = wanted;
    this.#at += count;
  }

  #checkedData(length: number): number {
    if (length < -1 || length > this.#valueMax)
      throw new JuteError('BAD_LENGTH', DATA_AT, `data of ${length} bytes (at most ${this.#valueMax})`);
    return length;
  }

  #checkedCount(count: number): number {
    if (count < -1 || count * IDENTITY_BYTES_MIN > this.#valueMax)
      throw new JuteError('BAD_LENGTH', this.#understood, `${count} identities`);
    return count;
  }

  #checkedString(length: number): number {
    const authinfoAt = DATA_AT + 4 + Math.max(this.#dataLength, 0) + 4;
    if (length < -1 || this.#needed + length - authinfoAt > this.#valueMax)
      throw new JuteError('BAD_LENGTH', this.#understood, `a string of ${length} bytes in the authinfo`);
    return Math.max(length, 0);
  }
}

function readInt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function readText(bytes: Uint8Array, start: number, at: number): string | null {
  const length = readInt(bytes, at);
  if (length < 0) return null;
  const text = utf8Decode(bytes, at + 4, at + 4 + length);
  if (text === undefined) throw new JuteError('BAD_TEXT', at + 4 - start, 'not UTF-8');
  return text;
}

/** A chunk may be a subclass whose `slice` copies nothing. */
function ownCopy(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

/** Behind type and zxid. */
const DATA_AT = 12;
/** Type, zxid, the length of `data` and the count of `authinfo`. */
const SMALLEST = DATA_AT + 4 + 4;
const UNKNOWN = -2;
const IDENTITY_BYTES_MIN = 8;
const COPY_BY_LOOP_MAX = 64;
const SHARED_COPY_MAX = 1024;
const SHARED_MIN = 4 * 1024;
const SHARED_MAX = 64 * 1024;
const REMEMBERED_AUTHINFO_MAX = 256;
const EMPTY = new Uint8Array(0);

/** Reads the numbers of LevelDB's files. @throws RangeError where there are not enough bytes, or no such number */
export class ByteCursor {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#end;
  }

  /** Seven bits a byte, the lowest first. */
  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#take(1)]!;
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a number that is too large');
      if (byte < 128) return value;
    }
  }

  uint32(): number {
    return uint32At(this.#bytes, this.#take(4));
  }

  uint64(): number {
    const low = this.uint32();
    const value = this.uint32() * 0x1_0000_0000 + low;
    if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a number that is too large');
    return value;
  }

  /** A length and as many bytes. */
  slice(): Uint8Array {
    const length = this.varint();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  skip(length: number): void {
    this.#take(length);
  }

  #take(length: number): number {
    if (length > this.#end - this.at) throw new RangeError('more is announced than there is');
    const at = this.at;
    this.at += length;
    return at;
  }
}

export function uint32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

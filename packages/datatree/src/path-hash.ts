/**
 * HalfSipHash-1-3 of the bytes of a path, under a secret 64-bit key: 32 bits that nobody without the key can make
 * collide on purpose. A faster hash without such a proof lets a client who may create nodes fill one chain of the
 * table, and every lookup of everybody else walks it.
 */
export class PathHash {
  readonly #v0: number;
  readonly #v1: number;
  readonly #v2: number;
  readonly #v3: number;

  constructor(key: readonly [number, number]) {
    this.#v0 = key[0] | 0;
    this.#v1 = key[1] | 0;
    this.#v2 = key[0] ^ 0x6c796765;
    this.#v3 = key[1] ^ 0x74656462;
  }

  /** An unsigned 32-bit number. */
  of(bytes: Uint8Array, start: number, end: number): number {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    const wordsEnd = end - ((end - start) & 3);
    let at = start;
    for (;;) {
      let word: number;
      const isLast = at === wordsEnd;
      if (isLast) {
        word = (end - start) << 24;
        for (let i = at, shift = 0; i < end; i++, shift += 8) word |= bytes[i]! << shift;
      } else {
        word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
        at += 4;
      }
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
      if (isLast) break;
    }
    v2 ^= 0xff;
    for (let round = 0; round < 3; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    return (v1 ^ v3) >>> 0;
  }
}

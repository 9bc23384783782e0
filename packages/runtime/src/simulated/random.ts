import type { Random } from '../random.ts';

/**
 * A stream that is the same for the same seed, on every machine and for ever: xoshiro128** (Blackman and Vigna),
 * its state filled by splitmix32 from the two halves of the seed. Not for secrets.
 */
export class SimulatedRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed an integer, -2^53 to 2^53 */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`seed ${seed}`);
    const high = splitmix32(Math.floor(seed / 0x1_0000_0000));
    const low = splitmix32((seed >>> 0) ^ high());
    this.#a = low();
    this.#b = low();
    this.#c = low();
    this.#d = low() | 1; // an all-zero state would stay so
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 4) {
      const word = this.#next();
      for (let i = 0; i < 4 && at + i < length; i++) bytes[at + i] = word >>> (8 * i);
    }
    return bytes;
  }

  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 0x1_0000_0000)
      throw new RangeError(`bound ${bound}`);
    // What lies above the last whole multiple of `bound` would favour small results, and is drawn again.
    const fair = 0x1_0000_0000 - (0x1_0000_0000 % bound);
    let word = this.#next();
    while (word >= fair) word = this.#next();
    return word % bound;
  }

  #next(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result;
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e37_79b9) | 0;
    let word = state ^ (state >>> 16);
    word = Math.imul(word, 0x21f0_aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a_2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
}

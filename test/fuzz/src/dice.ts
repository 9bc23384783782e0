/** Numbers that a seed decides (mulberry32): the same seed, name and index give the same input everywhere. */
export class Dice {
  #state: number;

  constructor(seed: number, name: string, index: number) {
    let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
    for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193);
    this.#state = state;
  }

  /** An integer from 0 up to `bound`, without it. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  }

  /** True once in `many` times. */
  once(many: number): boolean {
    return this.below(many) === 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  int(): number {
    return this.once(3) ? this.pick(INTS) : this.below(0x1_0000_0000) | 0;
  }

  long(): bigint {
    if (this.once(3)) return this.pick(LONGS);
    return BigInt.asIntN(64, (BigInt(this.below(0x1_0000_0000)) << 32n) | BigInt(this.below(0x1_0000_0000)));
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.below(256);
    return bytes;
  }

  /** A length that is mostly small. */
  length(most: number): number {
    return this.below(1 + this.below(1 + this.below(most + 1)));
  }
}

/** Where counting and comparing go wrong. */
export const INTS: readonly number[] = [
  -0x8000_0000, -2, -1, 0, 1, 2, 4, 0xff, 0xffff, 0xf_ffff, 0x10_0000, 0x7fff_ffff, 0x7fff_fffe, 0x4000_0000,
];

const LONGS: readonly bigint[] = [
  -(2n ** 63n),
  -2n,
  -1n,
  0n,
  1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
];

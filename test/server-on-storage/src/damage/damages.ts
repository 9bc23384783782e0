/** One thing that has gone wrong with one file. */
export interface Damage {
  readonly kind: DamageKind;
  readonly path: string;
  /** Where, in bytes. */
  readonly at: number;
  /** What the file holds then; undefined where it is gone. Made when it is asked for: most are only counted. */
  readonly content: () => Uint8Array | undefined;
}

export type DamageKind = 'a flipped bit' | 'zeros' | 'an early end' | 'its loss';

/** A bit of every byte flipped (not always the same one), every 512 bytes zeroed, every early end, every loss. */
export function* damagesOf(files: ReadonlyMap<string, Uint8Array>): Generator<Damage> {
  for (const [path, whole] of files) {
    for (let at = 0; at < whole.length; at++) {
      const content = (): Uint8Array => {
        const copy = whole.slice();
        copy[at]! ^= 1 << ((at * 5) % 8);
        return copy;
      };
      yield { kind: 'a flipped bit', path, at, content };
    }
    for (let at = 0; at < whole.length; at += BLOCK_BYTES)
      yield { kind: 'zeros', path, at, content: () => whole.slice().fill(0, at, at + BLOCK_BYTES) };
    for (let at = 0; at < whole.length; at++)
      yield { kind: 'an early end', path, at, content: () => whole.slice(0, at) };
    yield { kind: 'its loss', path, at: 0, content: () => undefined };
  }
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

const BLOCK_BYTES = 512;

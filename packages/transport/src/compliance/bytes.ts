import type { Pair } from './pair.ts';
import type { End } from './end.ts';

/** Bytes that differ from their neighbours and from those of another seed. */
export function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(bytes, seed);
  return bytes;
}

export function fill(bytes: Uint8Array, seed: number): void {
  let state = (seed * 2_654_435_761) | 1;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[i] = state >>> 24;
  }
}

export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Writes, and where the answer is false waits for the drain. */
export async function send(pair: Pair, end: End, bytes: Uint8Array): Promise<void> {
  const { drains } = end;
  if (!end.write(bytes)) await pair.until(end.heard(() => end.drains > drains));
}

export const KIB = 1024;
export const MIB = 1_048_576;

import { damage } from './damage.ts';
import { Dice } from './dice.ts';
import type { Target } from './target.ts';

/** The input that this seed and index stand for. Two of ten have no structure. */
export function inputOf(target: Target, seed: number, index: number): Uint8Array {
  const dice = new Dice(seed, target.name, index);
  if (dice.once(10)) return dice.bytes(dice.length(dice.once(20) ? 65_536 : 512));
  if (dice.once(9)) {
    const bytes = dice.bytes(dice.length(256));
    // Noise behind a length or a type that could be.
    if (bytes.length >= 4)
      new DataView(bytes.buffer).setInt32(0, dice.pick([bytes.length - 4, dice.below(110), -1]));
    return bytes;
  }
  return damage(target.valid(dice), () => target.valid(dice), dice);
}

/** Cuts bytes as a network would: whole, byte by byte, or anyhow. */
export function* pieces(bytes: Uint8Array, dice: Dice): Generator<Uint8Array> {
  const most = dice.pick([bytes.length, bytes.length, 1, 7, 4096]);
  for (let at = 0; at < bytes.length;) {
    const length = most === bytes.length ? most : 1 + dice.below(most);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

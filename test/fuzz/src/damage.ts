import { type Dice, INTS } from './dice.ts';

/** What was valid, changed in a few places: as a hostile peer or a broken disk would. */
export function damage(valid: Uint8Array, other: () => Uint8Array, dice: Dice): Uint8Array {
  let bytes = valid;
  for (let left = dice.pick([0, 1, 1, 1, 2, 3, 5]); left > 0; left--)
    bytes = dice.pick(CHANGES)(bytes, other, dice);
  return bytes.length > BYTES_MAX ? bytes.slice(0, BYTES_MAX) : bytes;
}

type Change = (bytes: Uint8Array, other: () => Uint8Array, dice: Dice) => Uint8Array;

const CHANGES: readonly Change[] = [
  function flipBit(bytes, _other, dice) {
    const copy = bytes.slice();
    if (copy.length > 0) copy[dice.below(copy.length)]! ^= 1 << dice.below(8);
    return copy;
  },
  function setByte(bytes, _other, dice) {
    const copy = bytes.slice();
    if (copy.length > 0) copy[dice.below(copy.length)] = dice.pick([0, 1, 0x7f, 0x80, 0xff, dice.below(256)]);
    return copy;
  },
  /** Lengths, counts and types are ints, mostly not far from the beginning. */
  function setInt(bytes, _other, dice) {
    if (bytes.length < 4) return bytes;
    const copy = bytes.slice();
    const reach = dice.once(2) ? Math.min(copy.length, 64) : copy.length;
    const at = dice.below(reach - 3);
    const aligned = dice.once(2) ? at & ~3 : at;
    new DataView(copy.buffer).setInt32(aligned, dice.pick([dice.pick(INTS), dice.below(64), copy.length]));
    return copy;
  },
  function addToInt(bytes, _other, dice) {
    if (bytes.length < 4) return bytes;
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    const at = dice.below(copy.length - 3);
    view.setInt32(at, view.getInt32(at) + dice.pick([-4, -1, 1, 4]));
    return copy;
  },
  function cutShort(bytes, _other, dice) {
    return bytes.slice(0, dice.below(bytes.length + 1));
  },
  function cutOut(bytes, _other, dice) {
    const at = dice.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), bytes.subarray(at + dice.length(32)));
  },
  function insert(bytes, _other, dice) {
    const at = dice.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), dice.bytes(dice.length(32)), bytes.subarray(at));
  },
  function append(bytes, _other, dice) {
    return joined(bytes, dice.bytes(1 + dice.length(64)));
  },
  function repeatPart(bytes, _other, dice) {
    const at = dice.below(bytes.length + 1);
    const part = bytes.subarray(at, at + 1 + dice.length(64));
    const parts = Array.from({ length: 1 + dice.length(8) }, () => part);
    return joined(bytes.subarray(0, at), ...parts, bytes.subarray(at));
  },
  function splice(bytes, other, dice) {
    const second = other();
    return joined(
      bytes.subarray(0, dice.below(bytes.length + 1)),
      second.subarray(dice.below(second.length + 1)),
    );
  },
  function zero(bytes, _other, dice) {
    const copy = bytes.slice();
    const at = dice.below(copy.length + 1);
    return copy.fill(0, at, at + dice.length(64));
  },
];

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const BYTES_MAX = 1 << 17;

import { JuteError, type JuteReader } from '@corral/jute';

declare const zxidBrand: unique symbol;

/**
 * A transaction id: epoch x 2^32 + counter, as a number. Exact up to epoch 2,097,151, which is guarded where zxids
 * enter and where an epoch begins; so `<`, `===` and Map keys simply work.
 */
export type Zxid = number & { readonly [zxidBrand]: true };

export const ZXID_NONE: Zxid = 0 as Zxid;

/** The largest epoch a {@link Zxid} can hold exactly. */
export const EPOCH_MAX = 0x1f_ffff;

/** @throws RangeError where either part is out of its range */
export function zxidOf(epoch: number, counter: number): Zxid {
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > EPOCH_MAX) throw new RangeError(`epoch ${epoch}`);
  if (!Number.isInteger(counter) || counter < 0 || counter > 0xffff_ffff)
    throw new RangeError(`counter ${counter}`);
  return (epoch * 0x1_0000_0000 + counter) as Zxid;
}

/** Believes a number read from a trusted place. @throws RangeError where it is no zxid */
export function toZxid(value: number): Zxid {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`zxid ${value}`);
  return value as Zxid;
}

export function nextZxid(zxid: Zxid): Zxid {
  return (zxid + 1) as Zxid;
}

export function epochOf(zxid: Zxid): number {
  return Math.floor(zxid / 0x1_0000_0000);
}

export function counterOf(zxid: Zxid): number {
  return zxid % 0x1_0000_0000;
}

/** As Apache prints it: lower-case hexadecimal without leading zeros or prefix. */
export function zxidToHex(zxid: Zxid): string {
  return zxid.toString(16);
}

/** The next long as a zxid. @throws JuteError `OUT_OF_RANGE` where it is negative or its epoch is above {@link EPOCH_MAX} */
export function readZxid(r: JuteReader): Zxid {
  const value = r.readLongNumber();
  if (value < 0) throw new JuteError('OUT_OF_RANGE', r.offset - 8, `zxid ${value}`);
  return value as Zxid;
}

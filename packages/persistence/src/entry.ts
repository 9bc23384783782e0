import { zxidToHex, type Zxid } from '@corral/protocol';

/** A TxnHeader: long clientId, int cxid, long zxid, long time, int type. No entry is shorter. */
export const ENTRY_BYTES_MIN = 32;
/** Where the zxid stands in an entry. */
export const ENTRY_ZXID_AT = 12;

/** For adapters: what every entry must be. @throws RangeError where it is not */
export function requireEntry(zxid: Zxid, entry: Uint8Array, lastZxid: Zxid): void {
  if (!(zxid > lastZxid)) throw new RangeError(`zxid ${zxidToHex(zxid)} after ${zxidToHex(lastZxid)}`);
  if (entry.length < ENTRY_BYTES_MIN) throw new RangeError(`an entry of ${entry.length} bytes`);
  let carried = 0;
  for (let i = 0; i < 8; i++) carried = carried * 256 + entry[ENTRY_ZXID_AT + i]!;
  if (carried !== zxid)
    throw new RangeError(`the entry says zxid ${carried.toString(16)}, not ${zxidToHex(zxid)}`);
}

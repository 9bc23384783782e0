/** `0x12`; `-1` where the server does not tell it. */
export function zxidText(zxid: bigint): string {
  return zxid < 0n ? '-1' : `0x${zxid.toString(16)}`;
}

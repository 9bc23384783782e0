import type { Stat } from '@corral/client';
import { javaDate } from './java-date.ts';

/** StatPrinter: what scripts for `zkCli.sh` read. */
export function statLines(stat: Stat): readonly string[] {
  return [
    `cZxid = 0x${unsignedHex(stat.czxid)}`,
    `ctime = ${javaDate(stat.ctime)}`,
    `mZxid = 0x${unsignedHex(stat.mzxid)}`,
    `mtime = ${javaDate(stat.mtime)}`,
    `pZxid = 0x${unsignedHex(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = 0x${unsignedHex(stat.ephemeralOwner)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ];
}

/** The same for programs: what is 64 bits wide is text, as everybody writes it. */
export function statJson(stat: Stat): Record<string, unknown> {
  const { ctime, mtime, version, cversion, aversion, dataLength, numChildren } = stat;
  return {
    czxid: `0x${unsignedHex(stat.czxid)}`,
    mzxid: `0x${unsignedHex(stat.mzxid)}`,
    pzxid: `0x${unsignedHex(stat.pzxid)}`,
    ctime,
    mtime,
    version,
    cversion,
    aversion,
    ephemeralOwner: `0x${unsignedHex(stat.ephemeralOwner)}`,
    dataLength,
    numChildren,
  };
}

function unsignedHex(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16);
}

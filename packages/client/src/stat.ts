import type { JuteReader } from '@corral/jute';
import type { Stat as WireStat } from '@corral/protocol';

/** What a server tells of a node. Zxids and session ids are exact. */
export class Stat {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  /** Milliseconds since 1970, by the leader's clock. */
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  /** The session that holds an ephemeral node; 0 for any other. */
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: bigint;

  constructor(
    czxid: bigint,
    mzxid: bigint,
    ctime: number,
    mtime: number,
    version: number,
    cversion: number,
    aversion: number,
    ephemeralOwner: bigint,
    dataLength: number,
    numChildren: number,
    pzxid: bigint,
  ) {
    this.czxid = czxid;
    this.mzxid = mzxid;
    this.ctime = ctime;
    this.mtime = mtime;
    this.version = version;
    this.cversion = cversion;
    this.aversion = aversion;
    this.ephemeralOwner = ephemeralOwner;
    this.dataLength = dataLength;
    this.numChildren = numChildren;
    this.pzxid = pzxid;
  }
}

export function readStat(r: JuteReader): Stat {
  return new Stat(
    r.readLong(),
    r.readLong(),
    r.readLongNumber(),
    r.readLongNumber(),
    r.readInt(),
    r.readInt(),
    r.readInt(),
    r.readLong(),
    r.readInt(),
    r.readInt(),
    r.readLong(),
  );
}

/** The same of a Stat that came inside a transaction's reply. */
export function toStat(stat: WireStat): Stat {
  return new Stat(
    BigInt(stat.czxid),
    BigInt(stat.mzxid),
    stat.ctime,
    stat.mtime,
    stat.version,
    stat.cversion,
    stat.aversion,
    stat.ephemeralOwner,
    stat.dataLength,
    stat.numChildren,
    BigInt(stat.pzxid),
  );
}

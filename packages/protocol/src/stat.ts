import type { JuteReader, JuteWriter } from '@corral/jute';
import { readZxid, type Zxid } from './zxid.ts';

/** What a client is shown of a node, 68 bytes. */
export class Stat {
  czxid: Zxid;
  mzxid: Zxid;
  ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  aversion: number;
  ephemeralOwner: bigint;
  dataLength: number;
  numChildren: number;
  pzxid: Zxid;

  constructor(
    czxid: Zxid,
    mzxid: Zxid,
    ctime: number,
    mtime: number,
    version: number,
    cversion: number,
    aversion: number,
    ephemeralOwner: bigint,
    dataLength: number,
    numChildren: number,
    pzxid: Zxid,
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

  static read(r: JuteReader): Stat {
    return new Stat(
      readZxid(r),
      readZxid(r),
      r.readLongNumber(),
      r.readLongNumber(),
      r.readInt(),
      r.readInt(),
      r.readInt(),
      r.readLong(),
      r.readInt(),
      r.readInt(),
      readZxid(r),
    );
  }

  write(w: JuteWriter): void {
    w.writeLongNumber(this.czxid);
    w.writeLongNumber(this.mzxid);
    w.writeLongNumber(this.ctime);
    w.writeLongNumber(this.mtime);
    w.writeInt(this.version);
    w.writeInt(this.cversion);
    w.writeInt(this.aversion);
    w.writeLong(this.ephemeralOwner);
    w.writeInt(this.dataLength);
    w.writeInt(this.numChildren);
    w.writeLongNumber(this.pzxid);
  }
}

/** What snapshots hold of a node, 60 bytes. */
export class StatPersisted {
  czxid: Zxid;
  mzxid: Zxid;
  ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  aversion: number;
  ephemeralOwner: bigint;
  pzxid: Zxid;

  constructor(
    czxid: Zxid,
    mzxid: Zxid,
    ctime: number,
    mtime: number,
    version: number,
    cversion: number,
    aversion: number,
    ephemeralOwner: bigint,
    pzxid: Zxid,
  ) {
    this.czxid = czxid;
    this.mzxid = mzxid;
    this.ctime = ctime;
    this.mtime = mtime;
    this.version = version;
    this.cversion = cversion;
    this.aversion = aversion;
    this.ephemeralOwner = ephemeralOwner;
    this.pzxid = pzxid;
  }

  static read(r: JuteReader): StatPersisted {
    return new StatPersisted(
      readZxid(r),
      readZxid(r),
      r.readLongNumber(),
      r.readLongNumber(),
      r.readInt(),
      r.readInt(),
      r.readInt(),
      r.readLong(),
      readZxid(r),
    );
  }

  write(w: JuteWriter): void {
    w.writeLongNumber(this.czxid);
    w.writeLongNumber(this.mzxid);
    w.writeLongNumber(this.ctime);
    w.writeLongNumber(this.mtime);
    w.writeInt(this.version);
    w.writeInt(this.cversion);
    w.writeInt(this.aversion);
    w.writeLong(this.ephemeralOwner);
    w.writeLongNumber(this.pzxid);
  }
}

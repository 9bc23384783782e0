import type { JuteReader, JuteWriter } from '@corral/jute';

export class FileHeader {
  magic: number;
  version: number;
  dbid: bigint;

  constructor(magic: number, version: number, dbid: bigint) {
    this.magic = magic;
    this.version = version;
    this.dbid = dbid;
  }

  static read(r: JuteReader): FileHeader {
    return new FileHeader(r.readInt(), r.readInt(), r.readLong());
  }

  write(w: JuteWriter): void {
    w.writeInt(this.magic);
    w.writeInt(this.version);
    w.writeLong(this.dbid);
  }
}

import type { JuteReader, JuteWriter } from '@corral/jute';
import { type Acl, readAcls, writeAcls } from './acl.ts';
import { readZxid, type Zxid } from './zxid.ts';
export class TxnHeader {
  clientId: bigint;
  cxid: number;
  zxid: Zxid;
  time: number;
  type: number;

  constructor(clientId: bigint, cxid: number, zxid: Zxid, time: number, type: number) {
    this.clientId = clientId;
    this.cxid = cxid;
    this.zxid = zxid;
    this.time = time;
    this.type = type;
  }

  static read(r: JuteReader): TxnHeader {
    return new TxnHeader(r.readLong(), r.readInt(), readZxid(r), r.readLongNumber(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeLong(this.clientId);
    w.writeInt(this.cxid);
    w.writeLongNumber(this.zxid);
    w.writeLongNumber(this.time);
    w.writeInt(this.type);
  }
}

export class TxnDigest {
  version: number;
  treeDigest: bigint;

  constructor(version: number, treeDigest: bigint) {
    this.version = version;
    this.treeDigest = treeDigest;
  }

  static read(r: JuteReader): TxnDigest {
    return new TxnDigest(r.readInt(), r.readLong());
  }

  write(w: JuteWriter): void {
    w.writeInt(this.version);
    w.writeLong(this.treeDigest);
  }
}

export class CreateTxn {
  path: string | null;
  data: Uint8Array | null;
  acl: readonly Acl[] | null;
  ephemeral: boolean;
  parentCVersion: number;

  constructor(
    path: string | null,
    data: Uint8Array | null,
    acl: readonly Acl[] | null,
    ephemeral: boolean,
    parentCVersion: number,
  ) {
    this.path = path;
    this.data = data;
    this.acl = acl;
    this.ephemeral = ephemeral;
    this.parentCVersion = parentCVersion;
  }

  static read(r: JuteReader): CreateTxn {
    return new CreateTxn(r.readString(), r.readBuffer(), readAcls(r), r.readBool(), r.readInt());
  }

  /** Also a record from before 3.3.4 (CreateTxnV0), which ends behind `ephemeral`: `parentCVersion` is -1 then. */
  static readAnyVersion(r: JuteReader): CreateTxn {
    const path = r.readString();
    const data = r.readBuffer();
    const acl = readAcls(r);
    const ephemeral = r.readBool();
    return new CreateTxn(path, data, acl, ephemeral, r.remaining === 0 ? -1 : r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBuffer(this.data);
    writeAcls(w, this.acl);
    w.writeBool(this.ephemeral);
    w.writeInt(this.parentCVersion);
  }
}

export class CreateContainerTxn {
  path: string | null;
  data: Uint8Array | null;
  acl: readonly Acl[] | null;
  parentCVersion: number;

  constructor(
    path: string | null,
    data: Uint8Array | null,
    acl: readonly Acl[] | null,
    parentCVersion: number,
  ) {
    this.path = path;
    this.data = data;
    this.acl = acl;
    this.parentCVersion = parentCVersion;
  }

  static read(r: JuteReader): CreateContainerTxn {
    return new CreateContainerTxn(r.readString(), r.readBuffer(), readAcls(r), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBuffer(this.data);
    writeAcls(w, this.acl);
    w.writeInt(this.parentCVersion);
  }
}

export class CreateTTLTxn {
  path: string | null;
  data: Uint8Array | null;
  acl: readonly Acl[] | null;
  parentCVersion: number;
  ttl: number;

  constructor(
    path: string | null,
    data: Uint8Array | null,
    acl: readonly Acl[] | null,
    parentCVersion: number,
    ttl: number,
  ) {
    this.path = path;
    this.data = data;
    this.acl = acl;
    this.parentCVersion = parentCVersion;
    this.ttl = ttl;
  }

  static read(r: JuteReader): CreateTTLTxn {
    return new CreateTTLTxn(r.readString(), r.readBuffer(), readAcls(r), r.readInt(), r.readLongNumber());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBuffer(this.data);
    writeAcls(w, this.acl);
    w.writeInt(this.parentCVersion);
    w.writeLongNumber(this.ttl);
  }
}

export class DeleteTxn {
  path: string | null;

  constructor(path: string | null) {
    this.path = path;
  }

  static read(r: JuteReader): DeleteTxn {
    return new DeleteTxn(r.readString());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
  }
}

export class SetDataTxn {
  path: string | null;
  data: Uint8Array | null;
  version: number;

  constructor(path: string | null, data: Uint8Array | null, version: number) {
    this.path = path;
    this.data = data;
    this.version = version;
  }

  static read(r: JuteReader): SetDataTxn {
    return new SetDataTxn(r.readString(), r.readBuffer(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBuffer(this.data);
    w.writeInt(this.version);
  }
}

export class SetACLTxn {
  path: string | null;
  acl: readonly Acl[] | null;
  version: number;

  constructor(path: string | null, acl: readonly Acl[] | null, version: number) {
    this.path = path;
    this.acl = acl;
    this.version = version;
  }

  static read(r: JuteReader): SetACLTxn {
    return new SetACLTxn(r.readString(), readAcls(r), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    writeAcls(w, this.acl);
    w.writeInt(this.version);
  }
}

export class CheckVersionTxn {
  path: string | null;
  version: number;

  constructor(path: string | null, version: number) {
    this.path = path;
    this.version = version;
  }

  static read(r: JuteReader): CheckVersionTxn {
    return new CheckVersionTxn(r.readString(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeInt(this.version);
  }
}

export class CreateSessionTxn {
  timeOut: number;

  constructor(timeOut: number) {
    this.timeOut = timeOut;
  }

  static read(r: JuteReader): CreateSessionTxn {
    return new CreateSessionTxn(r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeInt(this.timeOut);
  }
}

export class CloseSessionTxn {
  paths2Delete: (string | null)[] | null;

  constructor(paths2Delete: (string | null)[] | null) {
    this.paths2Delete = paths2Delete;
  }

  static read(r: JuteReader): CloseSessionTxn {
    return new CloseSessionTxn(r.readStrings());
  }

  write(w: JuteWriter): void {
    w.writeStrings(this.paths2Delete);
  }
}

export class ErrorTxn {
  err: number;

  constructor(err: number) {
    this.err = err;
  }

  static read(r: JuteReader): ErrorTxn {
    return new ErrorTxn(r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeInt(this.err);
  }
}

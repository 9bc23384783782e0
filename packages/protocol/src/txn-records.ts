/**
 * The bodies of transactions, as the log and proposals hold them (zookeeper.jute, module txn). Unlike requests they
 * were checked before they were written, so a path that is null is refused here.
 */
import type { JuteReader, JuteWriter } from '@corral/jute';
import { type Acl, readAcls, writeAcls } from './acl.ts';
import { ProtocolError } from './protocol-error.ts';
import { readZxid, type Zxid } from './zxid.ts';

/** Before every transaction. `time` is the leader's clock in milliseconds; `clientId` the session, 0 for the server's own. */
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

/** The digest of the whole tree as it is after the transaction and all before it. */
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

/** create and create2. The owner of an ephemeral node is the header's `clientId`. */
export class CreateTxn {
  path: string;
  data: Uint8Array | null;
  acl: readonly Acl[] | null;
  ephemeral: boolean;
  /** The cversion the parent has afterwards; -1 in records that do not say, where it is one more than before. */
  parentCVersion: number;

  constructor(
    path: string,
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
    return new CreateTxn(readPath(r), r.readBuffer(), readAcls(r), r.readBool(), r.readInt());
  }

  /** Also a record from before 3.3.4 (CreateTxnV0), which ends behind `ephemeral`: `parentCVersion` is -1 then. */
  static readAnyVersion(r: JuteReader): CreateTxn {
    const path = readPath(r);
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
  path: string;
  data: Uint8Array | null;
  acl: readonly Acl[] | null;
  parentCVersion: number;

  constructor(path: string, data: Uint8Array | null, acl: readonly Acl[] | null, parentCVersion: number) {
    this.path = path;
    this.data = data;
    this.acl = acl;
    this.parentCVersion = parentCVersion;
  }

  static read(r: JuteReader): CreateContainerTxn {
    return new CreateContainerTxn(readPath(r), r.readBuffer(), readAcls(r), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBuffer(this.data);
    writeAcls(w, this.acl);
    w.writeInt(this.parentCVersion);
  }
}

export class CreateTTLTxn {
  path: string;
  data: Uint8Array | null;
  acl: readonly Acl[] | null;
  parentCVersion: number;
  ttl: number;

  constructor(
    path: string,
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
    return new CreateTTLTxn(readPath(r), r.readBuffer(), readAcls(r), r.readInt(), r.readLongNumber());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBuffer(this.data);
    writeAcls(w, this.acl);
    w.writeInt(this.parentCVersion);
    w.writeLongNumber(this.ttl);
  }
}

/** delete and deleteContainer. */
export class DeleteTxn {
  path: string;

  constructor(path: string) {
    this.path = path;
  }

  static read(r: JuteReader): DeleteTxn {
    return new DeleteTxn(readPath(r));
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
  }
}

/** setData and reconfig. `version` is the one the node has afterwards. */
export class SetDataTxn {
  path: string;
  data: Uint8Array | null;
  version: number;

  constructor(path: string, data: Uint8Array | null, version: number) {
    this.path = path;
    this.data = data;
    this.version = version;
  }

  static read(r: JuteReader): SetDataTxn {
    return new SetDataTxn(readPath(r), r.readBuffer(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBuffer(this.data);
    w.writeInt(this.version);
  }
}

/** `version` is the aversion the node has afterwards. */
export class SetACLTxn {
  path: string;
  acl: readonly Acl[] | null;
  version: number;

  constructor(path: string, acl: readonly Acl[] | null, version: number) {
    this.path = path;
    this.acl = acl;
    this.version = version;
  }

  static read(r: JuteReader): SetACLTxn {
    return new SetACLTxn(readPath(r), readAcls(r), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    writeAcls(w, this.acl);
    w.writeInt(this.version);
  }
}

/** Only inside a multi. Changes nothing; `version` is the one checked plus 1. */
export class CheckVersionTxn {
  path: string;
  version: number;

  constructor(path: string, version: number) {
    this.path = path;
    this.version = version;
  }

  static read(r: JuteReader): CheckVersionTxn {
    return new CheckVersionTxn(readPath(r), r.readInt());
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

/** The ephemeral nodes that end with the session, in the order in which they are deleted. */
export class CloseSessionTxn {
  paths2Delete: readonly string[];

  constructor(paths2Delete: readonly string[]) {
    this.paths2Delete = paths2Delete;
  }

  static read(r: JuteReader): CloseSessionTxn {
    return new CloseSessionTxn(readPaths(r));
  }

  write(w: JuteWriter): void {
    w.writeStrings(this.paths2Delete);
  }
}

/** A request that was refused: it takes a zxid and changes nothing. */
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

function readPath(r: JuteReader): string {
  const path = r.readString();
  if (path === null) throw new ProtocolError('MISSING', r.offset - 4, 'a transaction without its path');
  return path;
}

function readPaths(r: JuteReader): string[] {
  const at = r.offset;
  const count = r.readCount(4);
  if (count < 0) throw new ProtocolError('MISSING', at, 'a transaction without its paths');
  const paths: string[] = [];
  for (let i = 0; i < count; i++) paths.push(readPath(r));
  return paths;
}

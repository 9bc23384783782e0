import type { JuteReader, JuteWriter } from '@corral/jute';
import { type Acl, readAcls, writeAcls } from './acl.ts';

export class CreateRequest {
  path: string | null;
  data: Uint8Array | null;
  acl: readonly Acl[] | null;
  flags: number;

  constructor(path: string | null, data: Uint8Array | null, acl: readonly Acl[] | null, flags: number) {
    this.path = path;
    this.data = data;
    this.acl = acl;
    this.flags = flags;
  }

  static read(r: JuteReader): CreateRequest {
    return new CreateRequest(r.readString(), r.readBuffer(), readAcls(r), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBuffer(this.data);
    writeAcls(w, this.acl);
    w.writeInt(this.flags);
  }
}

export class CreateTTLRequest {
  path: string | null;
  data: Uint8Array | null;
  acl: readonly Acl[] | null;
  flags: number;
  ttl: number;

  constructor(
    path: string | null,
    data: Uint8Array | null,
    acl: readonly Acl[] | null,
    flags: number,
    ttl: number,
  ) {
    this.path = path;
    this.data = data;
    this.acl = acl;
    this.flags = flags;
    this.ttl = ttl;
  }

  static read(r: JuteReader): CreateTTLRequest {
    return new CreateTTLRequest(
      r.readString(),
      r.readBuffer(),
      readAcls(r),
      r.readInt(),
      r.readLongSaturated(),
    );
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBuffer(this.data);
    writeAcls(w, this.acl);
    w.writeInt(this.flags);
    w.writeLongNumber(this.ttl);
  }
}

export class DeleteRequest {
  path: string | null;
  version: number;

  constructor(path: string | null, version: number) {
    this.path = path;
    this.version = version;
  }

  static read(r: JuteReader): DeleteRequest {
    return new DeleteRequest(r.readString(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeInt(this.version);
  }
}

/** By the server itself; clients may send it too. Its path travels as a buffer of UTF-8, which looks the same. */
export class DeleteContainerRequest {
  path: string | null;

  constructor(path: string | null) {
    this.path = path;
  }

  static read(r: JuteReader): DeleteContainerRequest {
    return new DeleteContainerRequest(r.readString());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
  }
}

export class ExistsRequest {
  path: string | null;
  watch: boolean;

  constructor(path: string | null, watch: boolean) {
    this.path = path;
    this.watch = watch;
  }

  static read(r: JuteReader): ExistsRequest {
    return new ExistsRequest(r.readString(), r.readBool());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBool(this.watch);
  }
}

export class GetDataRequest {
  path: string | null;
  watch: boolean;

  constructor(path: string | null, watch: boolean) {
    this.path = path;
    this.watch = watch;
  }

  static read(r: JuteReader): GetDataRequest {
    return new GetDataRequest(r.readString(), r.readBool());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBool(this.watch);
  }
}

export class SetDataRequest {
  path: string | null;
  data: Uint8Array | null;
  version: number;

  constructor(path: string | null, data: Uint8Array | null, version: number) {
    this.path = path;
    this.data = data;
    this.version = version;
  }

  static read(r: JuteReader): SetDataRequest {
    return new SetDataRequest(r.readString(), r.readBuffer(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBuffer(this.data);
    w.writeInt(this.version);
  }
}

export class GetACLRequest {
  path: string | null;

  constructor(path: string | null) {
    this.path = path;
  }

  static read(r: JuteReader): GetACLRequest {
    return new GetACLRequest(r.readString());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
  }
}

export class SetACLRequest {
  path: string | null;
  acl: readonly Acl[] | null;
  version: number;

  constructor(path: string | null, acl: readonly Acl[] | null, version: number) {
    this.path = path;
    this.acl = acl;
    this.version = version;
  }

  static read(r: JuteReader): SetACLRequest {
    return new SetACLRequest(r.readString(), readAcls(r), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    writeAcls(w, this.acl);
    w.writeInt(this.version);
  }
}

export class GetChildrenRequest {
  path: string | null;
  watch: boolean;

  constructor(path: string | null, watch: boolean) {
    this.path = path;
    this.watch = watch;
  }

  static read(r: JuteReader): GetChildrenRequest {
    return new GetChildrenRequest(r.readString(), r.readBool());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBool(this.watch);
  }
}

export class GetChildren2Request {
  path: string | null;
  watch: boolean;

  constructor(path: string | null, watch: boolean) {
    this.path = path;
    this.watch = watch;
  }

  static read(r: JuteReader): GetChildren2Request {
    return new GetChildren2Request(r.readString(), r.readBool());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeBool(this.watch);
  }
}

export class GetAllChildrenNumberRequest {
  path: string | null;

  constructor(path: string | null) {
    this.path = path;
  }

  static read(r: JuteReader): GetAllChildrenNumberRequest {
    return new GetAllChildrenNumberRequest(r.readString());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
  }
}

export class GetEphemeralsRequest {
  prefixPath: string | null;

  constructor(prefixPath: string | null) {
    this.prefixPath = prefixPath;
  }

  static read(r: JuteReader): GetEphemeralsRequest {
    return new GetEphemeralsRequest(r.readString());
  }

  write(w: JuteWriter): void {
    w.writeString(this.prefixPath);
  }
}

export class CheckVersionRequest {
  path: string | null;
  version: number;

  constructor(path: string | null, version: number) {
    this.path = path;
    this.version = version;
  }

  static read(r: JuteReader): CheckVersionRequest {
    return new CheckVersionRequest(r.readString(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    w.writeInt(this.version);
  }
}

export class SyncRequest {
  path: string | null;

  constructor(path: string | null) {
    this.path = path;
  }

  static read(r: JuteReader): SyncRequest {
    return new SyncRequest(r.readString());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
  }
}

export class ReconfigRequest {
  joiningServers: string | null;
  leavingServers: string | null;
  newMembers: string | null;
  curConfigId: number;

  constructor(
    joiningServers: string | null,
    leavingServers: string | null,
    newMembers: string | null,
    curConfigId: number,
  ) {
    this.joiningServers = joiningServers;
    this.leavingServers = leavingServers;
    this.newMembers = newMembers;
    this.curConfigId = curConfigId;
  }

  static read(r: JuteReader): ReconfigRequest {
    return new ReconfigRequest(r.readString(), r.readString(), r.readString(), r.readLongSaturated());
  }

  write(w: JuteWriter): void {
    w.writeString(this.joiningServers);
    w.writeString(this.leavingServers);
    w.writeString(this.newMembers);
    w.writeLongNumber(this.curConfigId);
  }
}

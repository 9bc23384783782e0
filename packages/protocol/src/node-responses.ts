import type { JuteReader, JuteWriter } from '@corral/jute';
import { type Acl, readAcls, writeAcls } from './acl.ts';
import { Stat } from './stat.ts';

export class CreateResponse {
  path: string | null;

  constructor(path: string | null) {
    this.path = path;
  }

  static read(r: JuteReader): CreateResponse {
    return new CreateResponse(r.readString());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
  }
}

export class Create2Response {
  path: string | null;
  stat: Stat;

  constructor(path: string | null, stat: Stat) {
    this.path = path;
    this.stat = stat;
  }

  static read(r: JuteReader): Create2Response {
    return new Create2Response(r.readString(), Stat.read(r));
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
    this.stat.write(w);
  }
}

export class ExistsResponse {
  stat: Stat;

  constructor(stat: Stat) {
    this.stat = stat;
  }

  static read(r: JuteReader): ExistsResponse {
    return new ExistsResponse(Stat.read(r));
  }

  write(w: JuteWriter): void {
    this.stat.write(w);
  }
}

export class GetDataResponse {
  data: Uint8Array | null;
  stat: Stat;

  constructor(data: Uint8Array | null, stat: Stat) {
    this.data = data;
    this.stat = stat;
  }

  static read(r: JuteReader): GetDataResponse {
    return new GetDataResponse(r.readBuffer(), Stat.read(r));
  }

  write(w: JuteWriter): void {
    w.writeBuffer(this.data);
    this.stat.write(w);
  }
}

export class SetDataResponse {
  stat: Stat;

  constructor(stat: Stat) {
    this.stat = stat;
  }

  static read(r: JuteReader): SetDataResponse {
    return new SetDataResponse(Stat.read(r));
  }

  write(w: JuteWriter): void {
    this.stat.write(w);
  }
}

export class GetACLResponse {
  acl: readonly Acl[] | null;
  stat: Stat;

  constructor(acl: readonly Acl[] | null, stat: Stat) {
    this.acl = acl;
    this.stat = stat;
  }

  static read(r: JuteReader): GetACLResponse {
    return new GetACLResponse(readAcls(r), Stat.read(r));
  }

  write(w: JuteWriter): void {
    writeAcls(w, this.acl);
    this.stat.write(w);
  }
}

export class SetACLResponse {
  stat: Stat;

  constructor(stat: Stat) {
    this.stat = stat;
  }

  static read(r: JuteReader): SetACLResponse {
    return new SetACLResponse(Stat.read(r));
  }

  write(w: JuteWriter): void {
    this.stat.write(w);
  }
}

export class GetChildrenResponse {
  children: (string | null)[] | null;

  constructor(children: (string | null)[] | null) {
    this.children = children;
  }

  static read(r: JuteReader): GetChildrenResponse {
    return new GetChildrenResponse(r.readStrings());
  }

  write(w: JuteWriter): void {
    w.writeStrings(this.children);
  }
}

export class GetChildren2Response {
  children: (string | null)[] | null;
  stat: Stat;

  constructor(children: (string | null)[] | null, stat: Stat) {
    this.children = children;
    this.stat = stat;
  }

  static read(r: JuteReader): GetChildren2Response {
    return new GetChildren2Response(r.readStrings(), Stat.read(r));
  }

  write(w: JuteWriter): void {
    w.writeStrings(this.children);
    this.stat.write(w);
  }
}

export class GetAllChildrenNumberResponse {
  totalNumber: number;

  constructor(totalNumber: number) {
    this.totalNumber = totalNumber;
  }

  static read(r: JuteReader): GetAllChildrenNumberResponse {
    return new GetAllChildrenNumberResponse(r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeInt(this.totalNumber);
  }
}

export class GetEphemeralsResponse {
  ephemerals: (string | null)[] | null;

  constructor(ephemerals: (string | null)[] | null) {
    this.ephemerals = ephemerals;
  }

  static read(r: JuteReader): GetEphemeralsResponse {
    return new GetEphemeralsResponse(r.readStrings());
  }

  write(w: JuteWriter): void {
    w.writeStrings(this.ephemerals);
  }
}

export class SyncResponse {
  path: string | null;

  constructor(path: string | null) {
    this.path = path;
  }

  static read(r: JuteReader): SyncResponse {
    return new SyncResponse(r.readString());
  }

  write(w: JuteWriter): void {
    w.writeString(this.path);
  }
}

export class ErrorResponse {
  err: number;

  constructor(err: number) {
    this.err = err;
  }

  static read(r: JuteReader): ErrorResponse {
    return new ErrorResponse(r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeInt(this.err);
  }
}

import type { JuteReader, JuteWriter } from '@corral/jute';
import { type Identity, readIdentities, writeIdentities } from './acl.ts';

export class LearnerInfo {
  serverid: number;
  protocolVersion: number;
  configVersion: number;

  constructor(serverid: number, protocolVersion: number, configVersion: number) {
    this.serverid = serverid;
    this.protocolVersion = protocolVersion;
    this.configVersion = configVersion;
  }

  static read(r: JuteReader): LearnerInfo {
    return new LearnerInfo(r.readLongNumber(), r.readInt(), r.readLongNumber());
  }

  write(w: JuteWriter): void {
    w.writeLongNumber(this.serverid);
    w.writeInt(this.protocolVersion);
    w.writeLongNumber(this.configVersion);
  }
}

export class QuorumPacket {
  type: number;
  zxid: number;
  data: Uint8Array | null;
  authinfo: Identity[] | null;

  constructor(type: number, zxid: number, data: Uint8Array | null, authinfo: Identity[] | null) {
    this.type = type;
    this.zxid = zxid;
    this.data = data;
    this.authinfo = authinfo;
  }

  static read(r: JuteReader): QuorumPacket {
    return new QuorumPacket(r.readInt(), r.readLongNumber(), r.readBuffer(), readIdentities(r));
  }

  write(w: JuteWriter): void {
    w.writeInt(this.type);
    w.writeLongNumber(this.zxid);
    w.writeBuffer(this.data);
    writeIdentities(w, this.authinfo);
  }
}

export class QuorumAuthPacket {
  magic: bigint;
  status: number;
  token: Uint8Array | null;

  constructor(magic: bigint, status: number, token: Uint8Array | null) {
    this.magic = magic;
    this.status = status;
    this.token = token;
  }

  static read(r: JuteReader): QuorumAuthPacket {
    return new QuorumAuthPacket(r.readLong(), r.readInt(), r.readBuffer());
  }

  write(w: JuteWriter): void {
    w.writeLong(this.magic);
    w.writeInt(this.status);
    w.writeBuffer(this.token);
  }
}

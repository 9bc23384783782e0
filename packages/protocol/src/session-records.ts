import type { JuteReader, JuteWriter } from '@corral/jute';

export class ConnectRequest {
  protocolVersion: number;
  lastZxidSeen: number;
  timeOut: number;
  sessionId: bigint;
  passwd: Uint8Array | null;
  readOnly: boolean;
  /** The last byte is there at all. Clients before 3.4 leave it out; the answer has it only if the request had. */
  hasReadOnly: boolean;

  constructor(
    protocolVersion: number,
    lastZxidSeen: number,
    timeOut: number,
    sessionId: bigint,
    passwd: Uint8Array | null,
    readOnly: boolean,
    hasReadOnly = true,
  ) {
    this.protocolVersion = protocolVersion;
    this.lastZxidSeen = lastZxidSeen;
    this.timeOut = timeOut;
    this.sessionId = sessionId;
    this.passwd = passwd;
    this.readOnly = readOnly;
    this.hasReadOnly = hasReadOnly;
  }

  static read(r: JuteReader): ConnectRequest {
    const protocolVersion = r.readInt();
    const lastZxidSeen = r.readLongSaturated();
    const timeOut = r.readInt();
    const sessionId = r.readLong();
    const passwd = r.readBuffer();
    const hasReadOnly = r.remaining > 0;
    const readOnly = hasReadOnly && r.readBool();
    return new ConnectRequest(
      protocolVersion,
      lastZxidSeen,
      timeOut,
      sessionId,
      passwd,
      readOnly,
      hasReadOnly,
    );
  }

  write(w: JuteWriter): void {
    w.writeInt(this.protocolVersion);
    w.writeLongNumber(this.lastZxidSeen);
    w.writeInt(this.timeOut);
    w.writeLong(this.sessionId);
    w.writeBuffer(this.passwd);
    if (this.hasReadOnly) w.writeBool(this.readOnly);
  }
}

export class ConnectResponse {
  protocolVersion: number;
  timeOut: number;
  sessionId: bigint;
  passwd: Uint8Array | null;
  readOnly: boolean;
  /** The last byte is there at all. Clients before 3.4 leave it out; the answer has it only if the request had. */
  hasReadOnly: boolean;

  constructor(
    protocolVersion: number,
    timeOut: number,
    sessionId: bigint,
    passwd: Uint8Array | null,
    readOnly: boolean,
    hasReadOnly = true,
  ) {
    this.protocolVersion = protocolVersion;
    this.timeOut = timeOut;
    this.sessionId = sessionId;
    this.passwd = passwd;
    this.readOnly = readOnly;
    this.hasReadOnly = hasReadOnly;
  }

  static read(r: JuteReader): ConnectResponse {
    const protocolVersion = r.readInt();
    const timeOut = r.readInt();
    const sessionId = r.readLong();
    const passwd = r.readBuffer();
    const hasReadOnly = r.remaining > 0;
    const readOnly = hasReadOnly && r.readBool();
    return new ConnectResponse(protocolVersion, timeOut, sessionId, passwd, readOnly, hasReadOnly);
  }

  write(w: JuteWriter): void {
    w.writeInt(this.protocolVersion);
    w.writeInt(this.timeOut);
    w.writeLong(this.sessionId);
    w.writeBuffer(this.passwd);
    if (this.hasReadOnly) w.writeBool(this.readOnly);
  }
}

export class AuthPacket {
  type: number;
  scheme: string | null;
  auth: Uint8Array | null;

  constructor(type: number, scheme: string | null, auth: Uint8Array | null) {
    this.type = type;
    this.scheme = scheme;
    this.auth = auth;
  }

  static read(r: JuteReader): AuthPacket {
    return new AuthPacket(r.readInt(), r.readString(), r.readBuffer());
  }

  write(w: JuteWriter): void {
    w.writeInt(this.type);
    w.writeString(this.scheme);
    w.writeBuffer(this.auth);
  }
}

export class GetSASLRequest {
  token: Uint8Array | null;

  constructor(token: Uint8Array | null) {
    this.token = token;
  }

  static read(r: JuteReader): GetSASLRequest {
    return new GetSASLRequest(r.readBuffer());
  }

  write(w: JuteWriter): void {
    w.writeBuffer(this.token);
  }
}

export class SetSASLResponse {
  token: Uint8Array | null;

  constructor(token: Uint8Array | null) {
    this.token = token;
  }

  static read(r: JuteReader): SetSASLResponse {
    return new SetSASLResponse(r.readBuffer());
  }

  write(w: JuteWriter): void {
    w.writeBuffer(this.token);
  }
}

export class ClientInfo {
  authScheme: string | null;
  user: string | null;

  constructor(authScheme: string | null, user: string | null) {
    this.authScheme = authScheme;
    this.user = user;
  }

  static read(r: JuteReader): ClientInfo {
    return new ClientInfo(r.readString(), r.readString());
  }

  write(w: JuteWriter): void {
    w.writeString(this.authScheme);
    w.writeString(this.user);
  }
}

/** What the server knows its client as; the request is empty. */
export class WhoAmIResponse {
  clientInfo: ClientInfo[] | null;

  constructor(clientInfo: ClientInfo[] | null) {
    this.clientInfo = clientInfo;
  }

  static read(r: JuteReader): WhoAmIResponse {
    const count = r.readCount(CLIENT_INFO_BYTES_MIN);
    if (count < 0) return new WhoAmIResponse(null);
    const clientInfo: ClientInfo[] = [];
    for (let i = 0; i < count; i++) clientInfo.push(ClientInfo.read(r));
    return new WhoAmIResponse(clientInfo);
  }

  write(w: JuteWriter): void {
    if (this.clientInfo === null) return w.writeInt(-1);
    w.writeInt(this.clientInfo.length);
    for (const info of this.clientInfo) info.write(w);
  }
}

const CLIENT_INFO_BYTES_MIN = 8;

import type { JuteReader, JuteWriter } from '@corral/jute';

/** Before every request of a client. The session's `ConnectRequest` alone goes without. */
export class RequestHeader {
  xid: number;
  type: number;

  constructor(xid: number, type: number) {
    this.xid = xid;
    this.type = type;
  }

  static read(r: JuteReader): RequestHeader {
    return new RequestHeader(r.readInt(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeInt(this.xid);
    w.writeInt(this.type);
  }
}

/** Before every reply and notification. `zxid` is the server's last processed one, 0 or -1 where a notification or refusal knows none. */
export class ReplyHeader {
  xid: number;
  zxid: number;
  err: number;

  constructor(xid: number, zxid: number, err: number) {
    this.xid = xid;
    this.zxid = zxid;
    this.err = err;
  }

  static read(r: JuteReader): ReplyHeader {
    return new ReplyHeader(r.readInt(), r.readLongNumber(), r.readInt());
  }

  write(w: JuteWriter): void {
    w.writeInt(this.xid);
    w.writeLongNumber(this.zxid);
    w.writeInt(this.err);
  }
}

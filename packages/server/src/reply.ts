import type { JuteWriter } from '@corral/jute';
import { ErrorCode, Xid } from '@corral/protocol';

/** A reply frame before its body: length, xid, zxid, err. */
export const REPLY_HEADER_BYTES: number = 4 + 4 + 8 + 4;

/** Begins a reply frame; `endReply` closes it. Returns where it begins. */
export function beginReply(out: JuteWriter, xid: number, zxid: number): number {
  const at = out.reserveInt();
  out.writeInt(xid);
  out.writeLongNumber(zxid);
  out.writeInt(ErrorCode.OK);
  return at;
}

export function endReply(out: JuteWriter, at: number): void {
  out.patchLength(at);
}

/** Takes the body back and leaves an error. */
export function endReplyWithError(out: JuteWriter, at: number, error: number): void {
  out.truncate(at + REPLY_HEADER_BYTES);
  out.patchInt(at + ERROR_AT, error);
  out.patchLength(at);
}

/** The error of a reply whose body stays (multiRead). */
export function patchError(out: JuteWriter, at: number, error: number): void {
  out.patchInt(at + ERROR_AT, error);
}

/** A reply that is a header only. */
export function writeHeaderReply(out: JuteWriter, xid: number, zxid: number, error: number): void {
  out.writeInt(REPLY_HEADER_BYTES - 4);
  out.writeInt(xid);
  out.writeLongNumber(zxid);
  out.writeInt(error);
}

/** The frame of a watch event; `state` is always SyncConnected. */
export function writeEvent(out: JuteWriter, zxid: number, type: number, state: number, path: string): void {
  const at = beginReply(out, Xid.notification, zxid);
  out.writeInt(type);
  out.writeInt(state);
  out.writeString(path);
  endReply(out, at);
}

const ERROR_AT = 4 + 4 + 8;

import { JuteReader, JuteWriter } from '@corral/jute';

export interface ConnectRequest {
  readonly protocolVersion: number;
  readonly lastZxidSeen: number;
  readonly timeOut: number;
  readonly sessionId: bigint;
  readonly passwd: Uint8Array | null;
  /** Undefined: the byte is not sent, as clients older than 3.4 do. */
  readonly readOnly: boolean | undefined;
}

export interface ConnectResponse {
  readonly protocolVersion: number;
  readonly timeOut: number;
  readonly sessionId: bigint;
  readonly passwd: Uint8Array;
  readonly readOnly: boolean | undefined;
  readonly leftOver: number;
}

export const noPasswd: Uint8Array = new Uint8Array(16);

export function encodeConnectRequest(request: ConnectRequest): Uint8Array {
  const out = new JuteWriter();
  const length = out.reserveInt();
  out.writeInt(request.protocolVersion);
  out.writeLongNumber(request.lastZxidSeen);
  out.writeInt(request.timeOut);
  out.writeLong(request.sessionId);
  out.writeBuffer(request.passwd);
  if (request.readOnly !== undefined) out.writeBool(request.readOnly);
  out.patchLength(length);
  return out.copy();
}

export function decodeConnectResponse(frame: Uint8Array): ConnectResponse {
  const read = new JuteReader(frame);
  return {
    protocolVersion: read.readInt(),
    timeOut: read.readInt(),
    sessionId: read.readLong(),
    passwd: read.readBuffer() ?? new Uint8Array(0),
    readOnly: read.remaining > 0 ? read.readBool() : undefined,
    leftOver: read.remaining,
  };
}

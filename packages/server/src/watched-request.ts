/** A request that somebody wants to hear of when it is answered, from being taken in until then. */
export class WatchedRequest {
  readonly type: number;
  readonly xid: number;
  readonly path: string | undefined;
  /** Of its frame. */
  readonly size: number;
  /** Monotonic milliseconds. */
  readonly receivedAt: number;
  /** An `ErrorCode`, once it is known. */
  error = 0;

  constructor(type: number, xid: number, path: string | undefined, size: number, receivedAt: number) {
    this.type = type;
    this.xid = xid;
    this.path = path;
    this.size = size;
    this.receivedAt = receivedAt;
  }
}

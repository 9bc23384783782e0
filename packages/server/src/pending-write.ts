import type { ClientConnection } from './connection.ts';
import type { LaneItem } from './lane.ts';
import type { WatchedRequest } from './watched-request.ts';

/** A write of a client (or a sync), from being taken in to its answer. */
export class PendingWrite {
  readonly kind = 'write';
  /** What was asked for; the type of its transaction is what came of it. */
  readonly type: number;
  readonly xid: number;
  /** Absent for what the server does itself, and for what another member forwarded. */
  readonly connection: ClientConnection | undefined;
  /** Monotonic milliseconds. */
  readonly receivedAt: number;
  /** The bytes it counts for among large requests. */
  readonly largeBytes: number;
  /** The finished reply, where one before it in the lane is not answered yet. */
  reply: Uint8Array | undefined = undefined;
  /** Somebody wants to hear of its answer. */
  watched: WatchedRequest | undefined = undefined;
  nextInLane: LaneItem | undefined = undefined;

  constructor(
    type: number,
    xid: number,
    connection: ClientConnection | undefined,
    receivedAt: number,
    largeBytes: number,
  ) {
    this.type = type;
    this.xid = xid;
    this.connection = connection;
    this.receivedAt = receivedAt;
    this.largeBytes = largeBytes;
  }
}

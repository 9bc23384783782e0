import { OpCode, Xid } from '@corral/protocol';
import type { Watcher, WatchBatch, WatchRegistry } from './watch-registry.ts';
import type { Wire } from './wire.ts';

/** Sets the watches again at a new connection, and tells those that outlive their events when all stand. */
export class WatchSetting {
  readonly #watches: WatchRegistry;
  /** Requests sent on this connection whose reply is to come. */
  #left = 0;
  #toResync: Watcher[] = [];

  constructor(watches: WatchRegistry) {
    this.#watches = watches;
  }

  /** All requests leave together: one round trip, however many watches there are. */
  begin(wire: Wire, lastZxid: number): void {
    const batches = this.#watches.batches();
    this.#left = batches.length;
    this.#toResync = this.#watches.lasting();
    for (const batch of batches) writeBatch(wire, batch, lastZxid);
  }

  takeReply(): void {
    if (--this.#left > 0) return;
    const watchers = this.#toResync;
    this.#toResync = [];
    for (const watcher of watchers) watcher.resync();
  }
}

function writeBatch(wire: Wire, batch: WatchBatch, lastZxid: number): void {
  const hasLasting = batch.persistent.length > 0 || batch.recursive.length > 0;
  wire.send((w) => {
    w.writeInt(Xid.setWatches);
    // Servers before 3.6 know the first only.
    w.writeInt(hasLasting ? OpCode.setWatches2 : OpCode.setWatches);
    w.writeLongNumber(lastZxid);
    w.writeStrings(batch.data);
    w.writeStrings(batch.exist);
    w.writeStrings(batch.child);
    if (!hasLasting) return;
    w.writeStrings(batch.persistent);
    w.writeStrings(batch.recursive);
  });
}

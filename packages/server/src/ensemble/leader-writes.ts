import { OpCode } from '@corral/protocol';
import type { ClientConnection } from '../connection.ts';
import type { Writes } from '../role.ts';
import type { Syncs } from '../syncs.ts';

/** The writes of a leader's own clients: prepared here, but for syncs, which wait for what is on its way to a quorum. */
export class LeaderWrites implements Writes {
  readonly #prepared: Writes;
  readonly #syncs: Syncs;
  readonly #sync: (number: number) => void;

  /** @param sync asks for what has been proposed to be committed; `syncs.done` is the answer */
  constructor(prepared: Writes, syncs: Syncs, sync: (number: number) => void) {
    this.#prepared = prepared;
    this.#syncs = syncs;
    this.#sync = sync;
  }

  beginTurn(): void {
    this.#prepared.beginTurn();
  }

  take(
    connection: ClientConnection,
    bytes: Uint8Array,
    start: number,
    end: number,
    xid: number,
    type: number,
    now: number,
    largeBytes: number,
  ): boolean {
    if (type !== OpCode.sync)
      return this.#prepared.take(connection, bytes, start, end, xid, type, now, largeBytes);
    const number = this.#syncs.take(connection, bytes, start, end, xid, now, largeBytes);
    if (number === undefined) return false;
    this.#sync(number);
    return true;
  }
}

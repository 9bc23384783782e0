import { JuteWriter } from '@corral/jute';

/**
 * Writers for replies. A connection borrows one when it has something to say and gives it back when the bytes have
 * left, so an idle connection holds no memory, and a busy turn reuses a few warm buffers.
 */
export class OutputPool {
  readonly #free: JuteWriter[] = [];

  borrow(): JuteWriter {
    return this.#free.pop() ?? new JuteWriter(CAPACITY);
  }

  /** The transport is done with its bytes. */
  giveBack(writer: JuteWriter): void {
    if (this.#free.length < KEPT_MAX) this.#free.push(writer.clear(CAPACITY_KEPT_MAX));
  }
}

const CAPACITY = 4 * 1024;
/** What a writer keeps of the memory a large reply made it take, in bytes. */
const CAPACITY_KEPT_MAX = 256 * 1024;
/** Writers kept: as many connections as are likely to have something to say in one turn. */
const KEPT_MAX = 64;

import { JuteWriter } from '@corral/jute';

/**
 * Writers for replies. A connection borrows one when it has something to say and gives it back when the bytes have
 * left, so an idle connection holds no memory, and a busy turn reuses a few warm buffers.
 */
export class OutputPool {
  /** Used first: as large as replies have made them. */
  readonly #warm: JuteWriter[] = [];
  readonly #small: JuteWriter[] = [];

  borrow(): JuteWriter {
    return this.#warm.pop() ?? this.#small.pop() ?? new JuteWriter(SMALL_BYTES);
  }

  /** The transport is done with its bytes. */
  giveBack(writer: JuteWriter): void {
    if (this.#warm.length < WARM_MAX) this.#warm.push(writer.clear(WARM_BYTES_MAX));
    else if (this.#small.length < SMALL_MAX) this.#small.push(writer.clear(SMALL_BYTES));
  }
}

const WARM_MAX = 8;
const WARM_BYTES_MAX = 1024 * 1024;
/** As many as one event may reach connections in one turn, within reason. */
const SMALL_MAX = 1024;
const SMALL_BYTES = 2 * 1024;

/**
 * Copies of frames that must outlive the turn they arrived in. They lie one behind the other in large buffers that
 * are never written again, so that a request costs no allocation of its own; a buffer goes when nothing refers to it.
 *
 *     const at = arena.copy(bytes, start, end);
 *     reader.reset(arena.bytes, at, at + (end - start));
 */
export class FrameArena {
  /** The buffer that the last `copy` went to. */
  bytes: Uint8Array = new Uint8Array(0);
  #used = 0;

  /** Copies `source[start, end)`; returns where in `bytes` it begins. */
  copy(source: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (this.#used + length > this.bytes.length) {
      this.bytes = new Uint8Array(Math.max(BUFFER_BYTES, length));
      this.#used = 0;
    }
    const at = this.#used;
    this.#used = at + length;
    if (length > COPY_BY_LOOP_MAX) this.bytes.set(source.subarray(start, end), at);
    else for (let i = start, to = at; i < end; i++, to++) this.bytes[to] = source[i]!;
    return at;
  }
}

const BUFFER_BYTES = 256 * 1024;
/** Below it, making a view costs more than copying byte by byte. */
const COPY_BY_LOOP_MAX = 64;

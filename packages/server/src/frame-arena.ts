/**
 * Copies of frames that must outlive the turn they arrived in. They lie one behind the other in large buffers that
 * are never written again, so that a request costs no allocation of its own; a buffer goes when nothing refers to it.
 * Frames that arrived together are copied together, when the first of them is asked for.
 *
 *     arena.begin();                                // what was read before may be overwritten from now on
 *     const at = arena.keep(bytes, start, end);     // for each frame that must stay
 *     reader.reset(arena.bytes, at, at + (end - start));
 */
export class FrameArena {
  /** The buffer that the last `keep` found the frame in. */
  bytes: Uint8Array = new Uint8Array(0);
  #used = 0;
  /** `#source[#from, #to)` lies in `bytes`, `#shift` further on. */
  #source: Uint8Array | undefined = undefined;
  #from = 0;
  #to = 0;
  #shift = 0;

  /** Nothing that was read is believed to be what it was. */
  begin(): void {
    this.#source = undefined;
  }

  /** Where in `bytes` the copy of `source[start, end)` begins. */
  keep(source: Uint8Array, start: number, end: number): number {
    if (source !== this.#source || start < this.#from || end > this.#to) this.#copy(source, start, end);
    return start + this.#shift;
  }

  /** Copies what lies behind the frame too: most of it is asked for next. */
  #copy(source: Uint8Array, start: number, end: number): void {
    const to = Math.max(end, Math.min(source.length, start + TOGETHER_BYTES_MAX));
    if (this.#used + to - start > this.bytes.length) {
      this.bytes = new Uint8Array(Math.max(BUFFER_BYTES, to - start));
      this.#used = 0;
    }
    this.bytes.set(source.subarray(start, to), this.#used);
    this.#source = source;
    this.#from = start;
    this.#to = to;
    this.#shift = this.#used - start;
    this.#used += to - start;
  }
}

const BUFFER_BYTES = 256 * 1024;
const TOGETHER_BYTES_MAX = 16 * 1024;

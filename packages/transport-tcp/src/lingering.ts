import type { Socket } from 'node:net';

/**
 * Sockets that have sent everything and wait for the other side to end too, but not for ever. One timer serves them
 * all; and they lie in slots, because what is linked or hashed keeps the sockets that came and went alive through
 * collections of young memory.
 */
export class Lingering {
  readonly #sockets: (Socket | undefined)[] = [];
  /** In which tick each came. */
  readonly #since: number[] = [];
  readonly #free: number[] = [];
  #count = 0;
  #ticks = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** The socket is destroyed after a while, unless it is removed before. Returns where it is. */
  add(socket: Socket): number {
    const slot = this.#free.pop() ?? this.#sockets.length;
    this.#sockets[slot] = socket;
    this.#since[slot] = this.#ticks;
    this.#count++;
    this.#timer ??= setInterval(this.#tick, TICK_MS).unref();
    return slot;
  }

  remove(slot: number): void {
    this.#sockets[slot] = undefined;
    this.#free.push(slot);
    this.#count--;
  }

  readonly #tick = (): void => {
    this.#ticks++;
    if (this.#count === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    for (let slot = 0; slot < this.#sockets.length; slot++) {
      if (this.#ticks - this.#since[slot]! > TICKS_MIN) this.#sockets[slot]?.destroy();
    }
  };
}

const TICK_MS = 500;
/** Whole ones: nobody waits for less than a second, or much longer. */
const TICKS_MIN = 2;

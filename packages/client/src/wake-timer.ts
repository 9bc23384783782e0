import type { Clock, Timer } from '@corral/runtime';

/** The one timer of a session: for whatever falls due first. */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #timer: Timer | undefined = undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** The monotonic time it is armed for; infinite where it is not. */
  get armedFor(): number {
    return this.#armedFor;
  }

  /** For another time, or for none where that is infinite. */
  arm(at: number): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#armedFor = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.after(Math.max(0, at - this.#clock.monotonic()), () => {
      // After a stall of this process what has arrived is read first: only then is the other side judged.
      this.#clock.defer(this.#onDue);
    });
  }

  cancel(): void {
    this.arm(Number.POSITIVE_INFINITY);
  }
}

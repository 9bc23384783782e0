import type { Clock } from '@corral/runtime';

/** Does something once, in the next turn, however often this turn asks for it. */
export class OnceATurn {
  readonly #clock: Clock;
  readonly #action: () => void;
  #isDue = false;

  constructor(clock: Clock, action: () => void) {
    this.#clock = clock;
    this.#action = action;
  }

  readonly ask = (): void => {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.defer(this.#act);
  };

  readonly #act = (): void => {
    this.#isDue = false;
    this.#action();
  };
}

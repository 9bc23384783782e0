import type { Clock, Logger } from '@corral/runtime';

/** A line a second at most for clients that are turned away: whoever floods the port is not to fill the disk too. */
export class RejectionLog {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #unlogged = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  note(client: string, operation: 'accept' | 'connect', reason: string): void {
    const now = this.#clock.monotonic();
    if (now < this.#loggedAt + INTERVAL_MS) {
      this.#unlogged++;
      return;
    }
    this.#logger.warn({ client, operation, unlogged: this.#unlogged }, reason);
    this.#loggedAt = now;
    this.#unlogged = 0;
  }
}

const INTERVAL_MS = 1000;

import { Latencies } from './latencies.ts';
import type { Stage } from './stage.ts';

/** What a workload writes its findings into; only what happens between `begin` and `end` counts. */
export class Measurement {
  readonly stage: Stage;
  readonly latencies: Latencies = new Latencies();
  errors = 0;
  seconds = 0;
  isOn = false;
  #begun = 0;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  begin(): void {
    this.isOn = true;
    this.#begun = performance.now();
  }

  end(): void {
    this.isOn = false;
    this.seconds = (performance.now() - this.#begun) / 1000;
  }

  /** Whether `seconds` of the phase that is on have passed. */
  hasLasted(seconds: number): boolean {
    return performance.now() - this.#begun >= seconds * 1000;
  }

  record(us: number, err = 0): void {
    if (!this.isOn) return;
    this.latencies.record(us);
    if (err !== 0) this.errors++;
  }
}

/** A pure core as a host drives it. */
export interface Core<I, O> {
  step(input: I): readonly O[];
}

/**
 * Feeds a core its inputs one by one. What performing an output leads to at once waits until all outputs of this step
 * have been performed: their order is a promise, and a core is not asked anything within its own step.
 */
export class Stepper<I, O> {
  readonly #core: Core<I, O>;
  readonly #perform: (output: O) => void;
  readonly #settled: () => void;
  #inputs: I[] = [];
  #isAtWork = false;

  /** @param settled is called when there is nothing more to do for now: what was gathered may be sent */
  constructor(core: Core<I, O>, perform: (output: O) => void, settled: () => void) {
    this.#core = core;
    this.#perform = perform;
    this.#settled = settled;
  }

  step(input: I): void {
    this.#inputs.push(input);
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    try {
      for (let i = 0; i < this.#inputs.length; i++)
        for (const output of this.#core.step(this.#inputs[i]!)) this.#perform(output);
    } finally {
      this.#inputs.length = 0;
      this.#isAtWork = false;
    }
    this.#settled();
  }
}

import type { CommandRunner } from './command.ts';

/** A command that goes on, and somebody who reads what it says as it comes. */
export class Expectation {
  readonly code: Promise<number>;
  text = '';
  #onText = (): void => {};
  #isOver = false;

  constructor(runner: CommandRunner, words: readonly string[], signal = new AbortController().signal) {
    const onOutput = (stdout: string): void => {
      this.text = stdout;
      this.#onText();
    };
    this.code = runner.run(words, { signal, onOutput }).then(({ code }) => {
      this.#isOver = true;
      this.#onText();
      return code;
    });
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      if (this.#isOver) throw new Error(`ended without ${pattern}: ${this.text}`);
      await new Promise<void>((resolve) => {
        this.#onText = resolve;
      });
    }
  }
}

import type { InspectColor } from 'node:util';

/**
 * Where a command says what it has to say. Text goes to standard output as `zkCli.sh` has it there, what it says beside to
 * standard error; with `--json` there is one value, or one to a line for what comes piece by piece.
 */
export interface Output {
  /** A line of the result. Nothing with `--json`. */
  line(text: string): void;
  /** The result as it is, without an end of line: data of nodes. Nothing with `--json`. */
  raw(bytes: Uint8Array): void;
  /** Beside the result: `Created /a`, warnings. To standard error; nothing with `--quiet`. */
  note(text: string): void;
  /** The result for programs; nothing unless JSON is asked for. A bigint is written as a decimal string. */
  json(value: unknown): void;
  /** How far long work is; a line that is drawn over, where somebody looks. '' takes it away. */
  progress(text: string): void;
  /** The text in a colour, where standard output is a terminal that has some; else as it is. */
  paint(colour: InspectColor, text: string): string;
  /** Resolves when what was said so far has been taken: long output waits for its reader. */
  drained(): Promise<void>;
}

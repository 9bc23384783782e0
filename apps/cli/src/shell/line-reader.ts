import { createInterface, cursorTo, clearScreenDown, moveCursor, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { callbackify } from 'node:util';
import type { Completions } from './completion.ts';

/** Lines that were typed ahead, or come from a file, before reading pauses. */
const LINES_AHEAD_MAX = 1000;

export interface LineReaderOptions {
  readonly input: TerminalInput;
  readonly output: Writable;
  /** Somebody sits there: there is a prompt, editing, a history. */
  readonly isTerminal: boolean;
  /** The newest first. */
  readonly history: string[];
  readonly complete: (line: string) => Promise<Completions>;
  /** Ctrl-C, with what was typed so far. */
  readonly onInterrupt: (typed: string) => void;
}

/** Of a terminal it has modes. */
type TerminalInput = Readable & { setRawMode?(isRaw: boolean): unknown };

/** Lines one by one, and text that appears above the line that is being typed. */
export class LineReader {
  readonly #reader: Interface;
  readonly #input: TerminalInput;
  readonly #output: Writable;
  readonly #isTerminal: boolean;
  readonly #lines: string[] = [];
  #taker: ((line: string | undefined) => void) | undefined = undefined;
  #prompt: (() => string) | undefined = undefined;
  #isOver = false;

  constructor({ input, output, isTerminal, history, complete, onInterrupt }: LineReaderOptions) {
    this.#input = input;
    this.#output = output;
    this.#isTerminal = isTerminal;
    this.#reader = createInterface({
      input,
      ...(isTerminal ? { output, history, historySize: 1000, removeHistoryDuplicates: true } : {}),
      terminal: isTerminal,
      completer: callbackify(async (line: string) => {
        const { candidates, typed } = await complete(line);
        return [[...candidates], typed] satisfies [string[], string];
      }),
    });
    this.#reader.on('line', (line) => this.#take(line));
    this.#reader.on('close', () => {
      this.#isOver = true;
      this.#hand(undefined);
    });
    this.#reader.on('SIGINT', () => onInterrupt(this.#reader.line));
  }

  /** The next line; undefined where there is none any more. @param prompt asked again whenever it is drawn */
  async read(prompt: () => string): Promise<string | undefined> {
    if (!this.#isOver) this.#reader.resume();
    const line = this.#lines.shift();
    if (line !== undefined) {
      if (this.#isTerminal) this.#output.write(`${prompt()}${line}\n`);
      return line;
    }
    if (this.#isOver) return undefined;
    return new Promise((resolve) => {
      this.#taker = resolve;
      this.#prompt = prompt;
      this.#draw();
    });
  }

  /** While a line is typed: the text, and below it the prompt and what was typed, again. */
  showAbove(text: string): void {
    if (!this.#isTerminal || this.#prompt === undefined) {
      this.#output.write(`${text}\n`);
      return;
    }
    moveCursor(this.#output, 0, -this.#reader.getCursorPos().rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    this.#output.write(`${text}\n`);
    this.#draw();
  }

  /** Throws away what was typed so far. */
  clearLine(): void {
    this.#output.write('\n');
    this.#reader.write(null, { ctrl: true, name: 'e' });
    this.#reader.write(null, { ctrl: true, name: 'u' });
  }

  /** Reads nothing until the work is done. */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isTerminal) return work();
    this.#reader.pause();
    // Else it would have no lines, and Ctrl-C would be a letter.
    this.#input.setRawMode?.(false);
    try {
      return await work();
    } finally {
      this.#input.setRawMode?.(true);
      this.#reader.resume();
    }
  }

  close(): void {
    this.#reader.close();
  }

  #draw(): void {
    if (!this.#isTerminal || this.#prompt === undefined) return;
    this.#reader.setPrompt(this.#prompt());
    this.#reader.prompt(true);
  }

  #take(line: string): void {
    if (this.#taker !== undefined) return this.#hand(line);
    this.#lines.push(line);
    if (this.#lines.length >= LINES_AHEAD_MAX) this.#reader.pause();
  }

  #hand(line: string | undefined): void {
    const taker = this.#taker;
    this.#taker = undefined;
    this.#prompt = undefined;
    taker?.(line);
  }
}

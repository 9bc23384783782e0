import type { Writable } from 'node:stream';
import { styleText, type InspectColor } from 'node:util';
import type { Settings } from './command.ts';
import type { Output } from './output.ts';

/** Text is gathered up to so many UTF-16 units, or to the end of the turn, and then written at once. */
const GATHERED_MAX = 64 * 1024;

export interface OutputStreams {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** Standard output and standard error, in the order in which things are said. */
export class StandardOutput implements Output {
  readonly #streams: OutputStreams;
  readonly #settings: Settings;
  #gathered = '';
  #isScheduled = false;
  #hasProgress = false;

  constructor(streams: OutputStreams, settings: Settings) {
    this.#streams = streams;
    this.#settings = settings;
  }

  line(text: string): void {
    if (!this.#settings.isJson) this.#gather(`${text}\n`);
  }

  raw(bytes: Uint8Array): void {
    if (this.#settings.isJson) return;
    this.flush();
    this.#streams.stdout.write(bytes);
  }

  note(text: string): void {
    if (!this.#settings.isQuiet) this.error(text);
  }

  /** The same where it must be heard. */
  error(text: string): void {
    this.flush();
    this.#streams.stderr.write(`${text}\n`);
  }

  json(value: unknown): void {
    if (this.#settings.isJson) this.#gather(`${JSON.stringify(value, bigintsAsText)}\n`);
  }

  progress(text: string): void {
    const { stderr } = this.#streams;
    if (stderr.isTTY !== true || this.#settings.isQuiet) return;
    this.flush();
    stderr.write(`\r\x1b[K${text}`);
    this.#hasProgress = text !== '';
  }

  paint(colour: InspectColor, text: string): string {
    const { stdout } = this.#streams;
    return stdout.isTTY === true ? styleText(colour, text, { stream: stdout }) : text;
  }

  paintError(text: string): string {
    const { stderr } = this.#streams;
    return stderr.isTTY === true ? styleText('red', text, { stream: stderr }) : text;
  }

  async drained(): Promise<void> {
    this.flush();
    const { stdout } = this.#streams;
    if (!stdout.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      stdout.once('drain', resolve);
      stdout.once('close', resolve);
    });
  }

  flush(): void {
    if (this.#hasProgress) {
      this.#streams.stderr.write('\r\x1b[K');
      this.#hasProgress = false;
    }
    if (this.#gathered === '') return;
    const text = this.#gathered;
    this.#gathered = '';
    this.#streams.stdout.write(text);
  }

  #gather(text: string): void {
    this.#gathered += text;
    if (this.#gathered.length >= GATHERED_MAX) return this.flush();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }
}

function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

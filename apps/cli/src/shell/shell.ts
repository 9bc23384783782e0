import type { Settings, ShellControl } from '../command.ts';
import type { Connection } from '../connection.ts';
import { CommandError, ExitCode, NotConnectedError } from '../exit-code.ts';
import { failureOf } from '../failure.ts';
import { prepare, runPrepared } from '../run-command.ts';
import { StandardOutput, type OutputStreams } from '../standard-output.ts';
import type { HistoryFile } from './history-file.ts';
import type { LineReader } from './line-reader.ts';
import { openQuoteOf, splitLine } from './split-line.ts';

export interface ShellOptions {
  readonly reader: LineReader;
  readonly connection: Connection;
  readonly history: HistoryFile;
  readonly streams: OutputStreams;
  readonly settings: Settings;
  /** The name of the context, where it is one in which changes are asked about. */
  readonly production: string | undefined;
}

/** Reads lines and runs them, until there are none any more. */
export class Shell implements ShellControl {
  readonly #options: ShellOptions;
  readonly #out: StandardOutput;
  /** Where the shell began. */
  readonly #hosts: string;
  readonly #lines: string[] = [];
  #running: AbortController | undefined = undefined;
  #isLeaving = false;
  /** At the prompt Ctrl-C was the last thing that was typed. */
  #wasInterrupted = false;
  #exitCode: number = ExitCode.done;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#hosts = options.connection.hosts;
    this.#out = new StandardOutput(options.streams, options.settings);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** @returns the exit code of the last command, as `zkCli.sh` has it */
  async run(): Promise<number> {
    while (!this.#isLeaving) {
      const line = await this.#read();
      if (line === undefined) break;
      this.#wasInterrupted = false;
      if (line.trim() === '') continue;
      this.#lines.push(line);
      this.#options.history.append(line);
      await this.#runLine(line);
    }
    return this.#exitCode;
  }

  lendTerminal<T>(work: () => Promise<T>): Promise<T> {
    return this.#options.reader.lend(work);
  }

  leave(): void {
    this.#isLeaving = true;
  }

  async redo(index: number): Promise<void> {
    const line = this.#lines[index]!;
    this.#lines[this.#lines.length - 1] = line;
    await this.#runWords(splitLine(line), this.#running!.signal);
  }

  /** Ctrl-C: the command that runs is ended; where it does not end, or where none runs, a second one leaves. */
  interrupt(typed: string): void {
    if (this.#running !== undefined) {
      if (this.#running.signal.aborted) process.exit(ExitCode.interrupted);
      this.#running.abort(new CommandError(ExitCode.interrupted, 'interrupted'));
      return;
    }
    const { reader } = this.#options;
    if (typed === '' && this.#wasInterrupted) {
      this.#isLeaving = true;
      this.#exitCode = ExitCode.interrupted;
      reader.close();
      return;
    }
    this.#wasInterrupted = true;
    reader.clearLine();
    reader.showAbove('Ctrl-C again, or Ctrl-D, leaves');
  }

  /** An event of a watch, or of the session. */
  show(text: string): void {
    this.#out.flush();
    if (this.#running !== undefined) this.#out.line(text);
    else this.#options.reader.showAbove(text);
  }

  /** A line, and those that belong to it because a quote is open. */
  async #read(): Promise<string | undefined> {
    const { reader } = this.#options;
    let line = await reader.read(() => this.#prompt());
    for (;;) {
      const quote = line === undefined ? undefined : openQuoteOf(line);
      if (line === undefined || quote === undefined) return line;
      const more = await reader.read(() => (quote === '"' ? 'dquote> ' : 'quote> '));
      if (more === undefined) return line;
      line = `${line}\n${more}`;
    }
  }

  async #runLine(line: string): Promise<void> {
    this.#running = new AbortController();
    try {
      this.#exitCode = await this.#runWords(splitLine(line), this.#running.signal);
    } catch (error) {
      const { exitCode, message } = failureOf(error);
      this.#exitCode = exitCode;
      if (error instanceof NotConnectedError) this.#out.line(message);
      else this.#out.error(this.#out.paintError(message));
    } finally {
      await this.#out.drained();
      this.#running = undefined;
    }
  }

  async #runWords(words: readonly string[], signal: AbortSignal): Promise<number> {
    const { connection, reader, settings, streams, production } = this.#options;
    const outputs: StandardOutput[] = [];
    try {
      return await runPrepared(await prepare(words, settings), {
        settings,
        connection,
        signal,
        shell: this,
        // `connect` leads elsewhere.
        production: connection.hosts === this.#hosts ? production : undefined,
        outFor: (own) => {
          const out = new StandardOutput(streams, own);
          outputs.push(out);
          return out;
        },
        ask: async (question) => (await reader.read(() => question)) ?? '',
      });
    } finally {
      for (const out of outputs) out.flush();
    }
  }

  #prompt(): string {
    const { connection } = this.#options;
    const { stateName } = connection;
    const state = this.#out.paint(stateName.startsWith('CONNECTED') ? 'green' : 'red', stateName);
    return `[zk: ${connection.hosts}(${state}) ${this.#lines.length}] `;
  }
}

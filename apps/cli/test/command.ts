import { Writable } from 'node:stream';
import type { Settings } from '../src/command.ts';
import { Connection } from '../src/connection.ts';
import { failureOf } from '../src/failure.ts';
import { prepare, runPrepared } from '../src/run-command.ts';
import { StandardOutput } from '../src/standard-output.ts';

export interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Circumstances {
  readonly settings?: Partial<Settings>;
  readonly signal?: AbortSignal;
  /** What whoever sits there says to any question. */
  readonly answer?: string;
  /** Told of all that standard error says, as it comes. */
  readonly onNotes?: (stderr: string) => void;
  /** The same of standard output. */
  readonly onOutput?: (stdout: string) => void;
}

/** Runs commands in this process, in a session of their own. */
export class CommandRunner implements AsyncDisposable {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async on(hosts: string): Promise<CommandRunner> {
    const connection = new Connection(hosts, {
      sessionTimeoutMs: 30_000,
      connectTimeoutMs: 30_000,
      isReadOnly: false,
      auth: [],
      show() {},
    });
    await connection.connect(hosts);
    return new CommandRunner(connection);
  }

  /** One that is given no session. */
  static without(hosts: string): CommandRunner {
    return new CommandRunner(
      new Connection(hosts, {
        sessionTimeoutMs: 30_000,
        connectTimeoutMs: 30_000,
        isReadOnly: false,
        auth: [],
        show() {},
      }),
    );
  }

  async run(words: readonly string[], circumstances: Circumstances = {}): Promise<Told> {
    const { settings, signal = new AbortController().signal, answer = '', onNotes, onOutput } = circumstances;
    const stdout = new Collector(onOutput);
    const stderr = new Collector(onNotes);
    let out = new StandardOutput({ stdout, stderr }, NOTHING_SET);
    let code = 0;
    try {
      const prepared = await prepare(words, { ...NOTHING_SET, ...settings });
      code = await runPrepared(prepared, {
        settings: prepared.settings,
        connection: this.#connection,
        signal,
        shell: undefined,
        outFor: (own) => (out = new StandardOutput({ stdout, stderr }, own)),
        ask: () => Promise.resolve(answer),
      });
    } catch (error) {
      const failure = failureOf(error);
      code = failure.exitCode;
      out.error(failure.message);
    }
    await out.drained();
    return { code, stdout: stdout.text, stderr: stderr.text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}

const NOTHING_SET: Settings = { isJson: false, isQuiet: false, isDryRun: false, isInteractive: false };

class Collector extends Writable {
  text = '';
  readonly #onText: ((text: string) => void) | undefined;

  constructor(onText?: (text: string) => void) {
    super({ decodeStrings: false, defaultEncoding: 'utf8' });
    this.#onText = onText;
  }

  override _write(chunk: string | Uint8Array, _encoding: string, done: () => void): void {
    this.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    this.#onText?.(this.text);
    done();
  }
}

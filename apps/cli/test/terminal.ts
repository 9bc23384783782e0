import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { program } from './corral.ts';

/** Python's own; runs a program at a terminal of its own, and hands on what both sides say. */
const RELAY = `
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
`;

/** Why there can be no terminal; undefined where there can. */
export function noTerminal(): string | undefined {
  const { status } = spawnSync('python3', ['-c', 'import os, pty; os.waitstatus_to_exitcode']);
  return status === 0 ? undefined : 'python3 (3.9 or newer) is not installed';
}

/** The program at a terminal, with somebody who types and reads. */
export class Terminal implements AsyncDisposable {
  readonly ended: Promise<number | null>;
  readonly #relay: ChildProcess;
  #shown = '';
  #read = 0;
  #onShown = (): void => {};

  constructor(words: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#relay = spawn('python3', ['-c', RELAY, process.execPath, program, ...words], {
      env: { ...process.env, TERM: 'xterm-256color', COLUMNS: '100', LINES: '40', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // Of a test that has timed out, too.
    process.once('exit', () => this.#relay.kill('SIGKILL'));
    this.#relay.stdin!.on('error', () => {});
    this.#relay.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text;
      this.#onShown();
    });
    this.ended = new Promise((resolve) => {
      this.#relay.once('close', (code) => {
        resolve(code);
        this.#onShown();
      });
    });
  }

  type(keys: string): void {
    this.#relay.stdin!.write(keys);
  }

  /** Reads on until it comes; what was shown up to its end, without colours and movements. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const rest = stripVTControlCharacters(this.#shown).slice(this.#read);
      const match = pattern.exec(rest);
      if (match !== null) {
        const end = match.index + match[0].length;
        this.#read += end;
        return rest.slice(0, end);
      }
      if (this.#relay.exitCode !== null) throw new Error(`ended without ${pattern}: ${rest}`);
      await new Promise<void>((resolve) => {
        this.#onShown = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#relay.exitCode === null) this.#relay.kill('SIGHUP');
    await this.ended;
  }
}

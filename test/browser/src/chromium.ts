import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Missing } from '@corral-test/oracle';

/** A browser without a screen and without a past. It ends, with all its processes, when it is disposed of. */
export class Chromium implements AsyncDisposable {
  readonly #program: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'corral-chromium-'));
  #process: ChildProcess | undefined = undefined;

  constructor(program: string) {
    this.#program = program;
  }

  /** Once. */
  show(url: string): void {
    const words = [...FLAGS, `--user-data-dir=${this.#folder}`, url];
    this.#process = spawn(this.#program, words, { stdio: 'ignore', detached: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const shown = this.#process;
    if (shown?.pid !== undefined && shown.exitCode === null && shown.signalCode === null) {
      const ended = once(shown, 'exit');
      // The group, of which it is the first.
      process.kill(-shown.pid, 'SIGKILL');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

export function chromium(): { readonly program: string } | Missing {
  for (const program of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' });
      return { program };
    } catch {
      // The next one.
    }
  }
  return { missing: 'Chromium' };
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const LINES_MAX = 1000;

/** Lines of earlier shells. A file that cannot be read or written is no reason to stop: then there are none. */
export class HistoryFile {
  readonly #path: string | undefined;

  /** @param environment `CORRAL_HISTORY` names the file; empty, there is none */
  constructor(environment: NodeJS.ProcessEnv) {
    const named = environment['CORRAL_HISTORY'];
    const state = environment['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
    this.#path = named === '' ? undefined : (named ?? join(state, 'corral', 'history'));
  }

  /** The newest first. */
  read(): string[] {
    if (this.#path === undefined) return [];
    try {
      const lines = readFileSync(this.#path, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      const last = lines.slice(-LINES_MAX);
      if (lines.length > 2 * LINES_MAX) writeFileSync(this.#path, `${last.join('\n')}\n`, { mode: 0o600 });
      return last.toReversed();
    } catch {
      return [];
    }
  }

  /** Lines with a password, and those of several lines, are not kept. */
  append(line: string): void {
    if (this.#path === undefined || line.includes('\n') || /^\s*addauth\b/.test(line)) return;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      appendFileSync(this.#path, `${line}\n`, { mode: 0o600 });
    } catch {
      return;
    }
  }
}

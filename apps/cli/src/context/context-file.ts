import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CommandError, ExitCode } from '../exit-code.ts';

/** How one ensemble is reached, under a name. */
export interface Context {
  /** As `-server` takes it, with any chroot. */
  readonly server: string;
  readonly auth: readonly ContextAuth[];
  readonly sessionTimeoutMs?: number;
  readonly isReadOnly?: boolean;
  /** Whoever changes something at a terminal is asked first. */
  readonly isProduction?: boolean;
}

/** An identity, and where its secret is: `from` says in which way to read `secret`. */
export interface ContextAuth {
  readonly scheme: string;
  /** The name of an environment variable; a command that prints it; the secret itself. */
  readonly from: 'environment' | 'command' | 'plain';
  readonly secret: string;
}

export interface Contexts {
  /** The one that counts where nothing else is said. */
  readonly current?: string;
  readonly contexts: Readonly<Record<string, Context>>;
}

/** The file of all contexts. It may name secrets: nobody else may read it. */
export class ContextFile {
  readonly path: string;

  constructor(environment: NodeJS.ProcessEnv) {
    const config = environment['XDG_CONFIG_HOME'] || join(homedir(), '.config');
    this.path = join(config, 'corral', 'contexts.json');
  }

  /** None where there is no file. @throws CommandError where it cannot be read, or is not what `write` makes */
  read(): Contexts {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { contexts: {} };
      throw this.#problem((error as Error).message, error);
    }
    try {
      const found: unknown = JSON.parse(text);
      if (isContexts(found)) return found;
    } catch (error) {
      throw this.#problem((error as Error).message, error);
    }
    throw this.#problem('not a file of contexts', undefined);
  }

  /** All of it or nothing: whoever reads meanwhile sees the old file or the new one. */
  write(contexts: Contexts): void {
    const temporary = `${this.path}.${process.pid}`;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      renameSync(temporary, this.path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw this.#problem((error as Error).message, error);
    }
  }

  #problem(message: string, cause: unknown): CommandError {
    return new CommandError(ExitCode.usage, `${this.path}: ${message}`, { cause });
  }
}

function isContexts(value: unknown): value is Contexts {
  if (!isObject(value)) return false;
  const { current, contexts } = value;
  if (current !== undefined && typeof current !== 'string') return false;
  return isObject(contexts) && Object.values(contexts).every(isContext);
}

function isContext(value: unknown): value is Context {
  if (!isObject(value)) return false;
  const { server, auth, sessionTimeoutMs = 1, isReadOnly = false, isProduction = false } = value;
  return (
    typeof server === 'string' &&
    typeof sessionTimeoutMs === 'number' &&
    typeof isReadOnly === 'boolean' &&
    typeof isProduction === 'boolean' &&
    Array.isArray(auth) &&
    auth.every(isAuth)
  );
}

function isAuth(value: unknown): value is ContextAuth {
  if (!isObject(value)) return false;
  const { scheme, from, secret } = value;
  return (
    typeof scheme === 'string' &&
    typeof secret === 'string' &&
    (from === 'environment' || from === 'command' || from === 'plain')
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

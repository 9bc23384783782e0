import { DataError } from '@corral/client';
import type * as recipePackage from '@corral/recipes';
import type { Call, Flag } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { durationOf } from '../../numbers.ts';

export type Recipes = typeof recipePackage;

/** Loads the recipes, which few commands need; what they throw is told as commands tell it. */
export async function withRecipes<T>(work: (recipes: Recipes) => Promise<T>): Promise<T> {
  const recipes = await import('@corral/recipes');
  try {
    return await work(recipes);
  } catch (error) {
    if (error instanceof DataError) throw new CommandError(ExitCode.refused, error.message, { cause: error });
    if (!(error instanceof recipes.RecipeError)) throw error;
    const message = error.message.slice(`${error.code}: `.length);
    throw new CommandError(EXIT_CODES[error.code] ?? ExitCode.refused, message, { cause: error });
  }
}

export const timeoutFlag: Flag = {
  name: '--timeout',
  value: 'time',
  summary: 'waits no longer: 500, 2s, 1m; 0 does not wait at all (exit code 9)',
};

/** What `--timeout` and Ctrl-C mean for a wait. */
export function waitOf({ words, signal }: Call): recipePackage.WaitOptions {
  const timeoutMs = durationOf(words, timeoutFlag.name);
  return timeoutMs === undefined ? { signal } : { signal, timeoutMs };
}

/** What others read of who holds or waits: the machine and the process, unless something is said. */
export async function identityOf({ words }: Call): Promise<string> {
  const { hostname } = await import('node:os');
  return words.value(identityFlag.name) ?? `${hostname()} ${process.pid}`;
}

export const identityFlag: Flag = {
  name: '--id',
  value: 'text',
  summary: 'what others read of us; the machine and the process by default',
};

const EXIT_CODES: Readonly<Partial<Record<recipePackage.RecipeErrorCode, ExitCode>>> = {
  TIMEOUT: ExitCode.timeout,
  LOST: ExitCode.connection,
  CLOSED: ExitCode.connection,
};

import type { Auth, CommandLine } from './command-line.ts';
import type { Context } from './context/context-file.ts';
import { closest } from './closest.ts';
import { CommandError, ExitCode } from './exit-code.ts';

/** Who is asked, and as whom. */
export interface Target {
  /** As they were given, with any chroot. */
  readonly hosts: string;
  readonly sessionTimeoutMs: number;
  readonly isReadOnly: boolean;
  /**
   * Fetches secrets: asked for where there will be a session.
   *
   * @param isQuiet without those that a command prints: it might ask somebody
   * @throws CommandError
   */
  auth(isQuiet?: boolean): readonly Auth[];
  /** The name of a context where everything that changes something is asked about. */
  readonly production: string | undefined;
}

/**
 * What was named, else the context that was named, else `CORRAL_CONTEXT`, else `CORRAL_SERVER`, else the context in use,
 * else whoever listens here. What the command line says counts for more than what its context says.
 *
 * @throws CommandError where there is no such context
 */
export async function targetOf(commandLine: CommandLine, environment: NodeJS.ProcessEnv): Promise<Target> {
  const found = await contextOf(commandLine, environment);
  const { hosts, sessionTimeoutMs, isReadOnly, auth } = commandLine;
  const server = hosts ?? found?.context.server ?? named(environment['CORRAL_SERVER']) ?? 'localhost:2181';
  return {
    hosts: server,
    sessionTimeoutMs: sessionTimeoutMs ?? found?.context.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
    isReadOnly: isReadOnly || found?.context.isReadOnly === true,
    production: found?.context.isProduction === true ? found.name : undefined,
    auth: (isQuiet = false) => [...(found?.auth(isQuiet) ?? []), ...auth],
  };
}

interface Found {
  readonly name: string;
  readonly context: Context;
  auth(isQuiet: boolean): readonly Auth[];
}

async function contextOf(
  { hosts, context: asked }: CommandLine,
  environment: NodeJS.ProcessEnv,
): Promise<Found | undefined> {
  // Most often nobody speaks of contexts, and then their file is not looked for.
  if (asked === undefined && hosts !== undefined) return undefined;
  const byName = asked ?? named(environment['CORRAL_CONTEXT']);
  if (byName === undefined && named(environment['CORRAL_SERVER']) !== undefined) return undefined;
  const { ContextFile } = await import('./context/context-file.ts');
  const file = new ContextFile(environment);
  const { current, contexts } = file.read();
  const name = byName ?? current;
  if (name === undefined) return undefined;
  const context = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (context === undefined) throw unknownContext(name, Object.keys(contexts));
  const { authOf } = await import('./context/secret.ts');
  const authsOf = (isQuiet: boolean): readonly Auth[] =>
    context.auth
      .filter(({ from }) => !isQuiet || from !== 'command')
      .map((auth) => authOf(auth, environment));
  return { name, context, auth: authsOf };
}

export function unknownContext(name: string, names: readonly string[]): CommandError {
  const meant = closest(name, names);
  const hint = meant === undefined ? "'corral context list' tells all" : `did you mean ${meant}?`;
  return new CommandError(ExitCode.usage, `there is no context ${name}; ${hint}`);
}

/** An environment variable that is empty says nothing. */
function named(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

const SESSION_TIMEOUT_MS = 30_000;

import { once } from 'node:events';
import type { CommandLine } from './command-line.ts';
import { Connection } from './connection.ts';
import { CommandError, ExitCode } from './exit-code.ts';
import { failureOf } from './failure.ts';
import { prepare, runPrepared } from './run-command.ts';
import { StandardOutput } from './standard-output.ts';
import { targetOf } from './target.ts';

/** Unless it was told to wait: an ensemble answers in a moment, or not soon. */
const CONNECT_TIMEOUT_MS = 5000;
/** For a command that asks nobody. */
const NOBODY = { hosts: 'localhost:2181', context: undefined };

/** One command, then the end. */
export async function runOnce(commandLine: CommandLine, environment: NodeJS.ProcessEnv): Promise<number> {
  const { words, speaksAsZkCli } = commandLine;
  const settings = { ...commandLine.settings, isInteractive: process.stdin.isTTY && process.stdout.isTTY };
  const out = new StandardOutput(process, settings);
  const prepared = await prepare(words, settings);
  const { command } = prepared;
  // Of a context that is broken nothing is said to whoever wants to mend it.
  const asked = command.isLocal === true ? { ...commandLine, ...NOBODY } : commandLine;
  const target = await targetOf(asked, environment);
  const { hosts, sessionTimeoutMs, isReadOnly, production } = target;
  const auth = command.needsSession === false ? commandLine.auth : target.auth();
  const ending = endingOf(commandLine);
  let showsEvents = speaksAsZkCli;
  const connection = new Connection(hosts, {
    sessionTimeoutMs,
    connectTimeoutMs: commandLine.waitsForConnection
      ? sessionTimeoutMs
      : Math.min(CONNECT_TIMEOUT_MS, sessionTimeoutMs),
    isReadOnly,
    auth,
    show: (text) => {
      if (showsEvents) out.line(text);
    },
  });
  try {
    if (command.needsSession !== false) {
      if (speaksAsZkCli) out.line(`Connecting to ${connection.hosts}`);
      await connection.connect(connection.hosts);
      await connection.client!.connected({ signal: ending.signal });
    }
    const exitCode = await runPrepared(prepared, {
      settings,
      connection,
      signal: ending.signal,
      shell: undefined,
      production,
      outFor: (own) => new StandardOutput(process, own),
      ask,
    });
    await out.drained();
    return exitCode;
  } catch (error) {
    const { exitCode, message } = failureOf(error);
    out.error(message);
    return exitCode;
  } finally {
    showsEvents = false;
    await connection.close();
    out.flush();
    ending.forget();
  }
}

/** Ctrl-C, SIGTERM, or the limit of time; a second Ctrl-C ends the process as it is. */
function endingOf({ limitMs }: CommandLine): { signal: AbortSignal; forget(): void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(ExitCode.interrupted);
    controller.abort(new CommandError(ExitCode.interrupted, 'interrupted'));
  };
  process.on('SIGINT', interrupt);
  // What this session holds is to be given up now, and not when the session expires.
  const terminate = (): void => controller.abort(new CommandError(ExitCode.terminated, 'terminated'));
  process.on('SIGTERM', terminate);
  process.on('SIGHUP', terminate);
  const timer =
    limitMs === undefined
      ? undefined
      : setTimeout(
          () => controller.abort(new CommandError(ExitCode.timeout, `not done within ${limitMs} ms`)),
          limitMs,
        );
  return {
    signal: controller.signal,
    forget() {
      clearTimeout(timer);
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
      process.off('SIGHUP', terminate);
    },
  };
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    reader.setPrompt(question);
    reader.prompt();
    const closed = once(reader, 'close').then(() => ['']);
    const [line] = (await Promise.race([once(reader, 'line'), closed])) as [string];
    return line;
  } finally {
    reader.close();
  }
}

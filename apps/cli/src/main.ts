#!/usr/bin/env node
import { parseCommandLine } from './command-line.ts';
import { CommandError, ExitCode } from './exit-code.ts';

/** What the scripts of `corral completion` ask; nobody types it. */
const COMPLETE = '__complete';

/** What a word needs is imported when it is given: `corral ls /` has no use for the shell. */
async function main(args: readonly string[]): Promise<number> {
  const commandLine = parseCommandLine(args);
  if (commandLine.asksFor === 'version') {
    process.stdout.write(`${(await import('./version.ts')).versionLine}\n`);
    return ExitCode.done;
  }
  if (commandLine.asksFor === 'help') {
    process.stdout.write(await (await import('./help.ts')).helpText(commandLine.words[0]));
    return ExitCode.done;
  }
  if (commandLine.clientConfiguration !== undefined)
    throw new CommandError(ExitCode.usage, '-client-configuration is for TLS, which comes later');
  if (commandLine.words[0] === COMPLETE) {
    const { completeLine } = await import('./completion/complete-line.ts');
    for (const line of await completeLine(commandLine.words.at(-1)!, process.env))
      process.stdout.write(`${line}\n`);
    return ExitCode.done;
  }
  if (commandLine.words.length > 0) return (await import('./run-once.ts')).runOnce(commandLine, process.env);
  return (await import('./shell/run-shell.ts')).runShell(commandLine, process.env);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `corral ls / | head`: whoever read has had enough.
  if (error.code === 'EPIPE') process.exit(ExitCode.done);
  process.stderr.write(`standard output: ${error.message}\n`);
  process.exit(ExitCode.unexpected);
});
process.stderr.on('error', () => process.exit(ExitCode.unexpected));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { failureOf } = await import('./failure.ts');
  const { exitCode, message } = failureOf(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = exitCode;
}

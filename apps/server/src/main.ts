#!/usr/bin/env node
import { parseCommandLine, usage } from './command-line.ts';
import { ExitCode, StartFailure } from './exit-code.ts';

/** What a word needs is imported when it is given: `status` has no use for a server. */
async function main(args: readonly string[]): Promise<ExitCode> {
  const commandLine = parseCommandLine(args, process.env);
  if (commandLine.word === 'help') return print(usage);
  if (commandLine.word === 'version') return print(`${(await import('./version.ts')).versionLine}\n`);
  if (commandLine.word === 'ensemble')
    return (await import('./pseudo-ensemble.ts')).runEnsemble(commandLine, process.argv[1]!, print);
  if (commandLine.word === 'check')
    return (await import('./check.ts')).check(commandLine, process.env, print);
  if (commandLine.word === 'initialize')
    return (await import('./initialize.ts')).initialize(commandLine, process.env, print);
  if (commandLine.word === 'print-classpath') return print(`${process.argv[1]!}\n`);
  if (commandLine.config !== undefined) process.stderr.write(`Using config: ${commandLine.config}\n`);
  if (commandLine.word === 'start-foreground')
    return (await import('./run.ts')).run(commandLine, process.env);
  const { start, stop, restart, status, printCommand } = await import('./daemon.ts');
  const actions = { start, stop, restart, status, 'print-cmd': printCommand };
  return actions[commandLine.word]({
    commandLine,
    environment: process.env,
    script: process.argv[1]!,
    print,
  });
}

function print(text: string): ExitCode {
  process.stdout.write(text);
  return ExitCode.finished;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof StartFailure)) throw error;
  process.stderr.write(`corral-server: ${error.message}\n`);
  process.exitCode = error.exitCode;
}

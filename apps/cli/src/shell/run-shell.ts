import type { CommandLine } from '../command-line.ts';
import { CommandError, ExitCode } from '../exit-code.ts';

export function runShell(_commandLine: CommandLine, _environment: NodeJS.ProcessEnv): Promise<ExitCode> {
  throw new CommandError(ExitCode.usage, 'the shell is being built');
}

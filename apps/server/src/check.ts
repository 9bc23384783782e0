import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CommandLine } from './command-line.ts';
import { loadSettings } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { ExitCode, StartFailure } from './exit-code.ts';

/**
 * Says everything that is wrong with a configuration, and what is odd, without starting anything. The exit code is that of
 * an invalid invocation where a server would not start.
 */
export function check(
  { config: file, flags }: CommandLine,
  environment: Readonly<Record<string, string | undefined>>,
  print: (text: string) => void,
): ExitCode {
  const errors: string[] = [];
  const settings = settingsOf(file, flags, environment, errors);
  if (settings !== undefined) errors.push(...problemsOfFolders(settings));
  for (const error of errors) print(`error: ${plain(error)}\n`);
  for (const notice of settings?.notices ?? []) print(`warning: ${notice}\n`);
  const name = file ?? 'the embedded default';
  if (errors.length > 0) {
    print(`${name}: ${errors.length} ${errors.length === 1 ? 'error' : 'errors'}\n`);
    return ExitCode.invalidInvocation;
  }
  print(`${name}: a server starts with it\n`);
  return ExitCode.finished;
}

function settingsOf(
  file: string | undefined,
  flags: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
  errors: string[],
): Settings | undefined {
  try {
    return loadSettings({ file, flags, environment, onWrongLine: (message) => errors.push(message) });
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    errors.push(error.message);
    return undefined;
  }
}

function problemsOfFolders({ storage: { dataDir, dataLogDir, autocreate } }: Settings): string[] {
  return Array.from(new Set([dataDir, dataLogDir])).flatMap((folder) => {
    if (!existsSync(folder) && !autocreate) return [`${folder} is missing, and datadir.autocreate is off`];
    const existing = nearestExisting(folder);
    try {
      accessSync(existing, constants.W_OK | constants.X_OK);
      return [];
    } catch {
      return [`${folder}: this user may not write to ${existing}`];
    }
  });
}

function nearestExisting(folder: string): string {
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestExisting(dirname(folder));
}

/** What every message of a start begins with says nothing here. */
function plain(message: string): string {
  return message.replace(/^Invalid config, exiting abnormally\. (?:Error processing )?/, '');
}

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandLine } from './command-line.ts';
import { loadSettings } from './config/load.ts';
import { ExitCode } from './exit-code.ts';

/**
 * Makes the directories of a new server (`zkServer-initialize.sh`): empty ones, `myid`, and the file `initialize`, which
 * says that empty is right. Directories with data are left alone unless `--force` is given: then they are emptied.
 */
export function initialize(
  { config: file, flags, initialization: { myid, isForced } }: CommandLine,
  environment: Readonly<Record<string, string | undefined>>,
  print: (text: string) => void,
): ExitCode {
  const { dataDir, dataLogDir } = foldersOf(file, flags, environment);
  const folders = [
    ['data', dataDir],
    ...(dataLogDir === dataDir ? [] : [['txnlog', dataLogDir] as const]),
  ] as const;
  if (isForced) print('Force enabled, data/txnlog directories will be re-initialized\n');
  for (const [what, folder] of isForced ? [] : folders) {
    if (!existsSync(join(folder, VERSION))) continue;
    print(
      `ZooKeeper ${what} directory already exists at ${folder} (or use --force to force re-initialization)\n`,
    );
    return ExitCode.unexpected;
  }
  for (const [, folder] of folders) {
    rmSync(join(folder, 'myid'), { force: true });
    rmSync(join(folder, VERSION), { recursive: true, force: true });
    mkdirSync(join(folder, VERSION), { recursive: true });
  }
  if (myid === undefined) {
    const where = join(dataDir, 'myid');
    print(`No myid provided, be sure to specify it in ${where} if using non-standalone\n`);
  } else {
    print(`Using myid of ${myid}\n`);
    writeFileSync(join(dataDir, 'myid'), `${myid}\n`);
  }
  writeFileSync(join(dataDir, 'initialize'), '');
  return ExitCode.finished;
}

/** Of a member `myid` may be missing yet, which would keep the rest of its configuration from being read. */
function foldersOf(
  file: string | undefined,
  flags: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly dataDir: string; readonly dataLogDir: string } {
  return loadSettings({ file, flags, environment, isWithoutMembers: true }).storage;
}

const VERSION = 'version-2';

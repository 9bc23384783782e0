import { execFile } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

export const root: string = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** What a package says of itself once it is packed: `publishConfig` has been applied. */
export interface PackedManifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Packs every package that is published. Returns the tarballs. */
export async function packInto(folder: string): Promise<readonly string[]> {
  await npm(
    root,
    'run',
    '-s',
    'pm',
    '--',
    '-r',
    '--filter',
    '@corral/*',
    'pack',
    '--pack-destination',
    folder,
  );
  return globSync('*.tgz', { cwd: folder })
    .toSorted()
    .map((name) => join(folder, name));
}

/** An empty project into which npm installs the tarballs; they find each other there, the rest comes from the registry. */
export async function installInto(
  folder: string,
  tarballs: readonly string[],
): Promise<readonly PackedManifest[]> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await npm(
    folder,
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...tarballs,
  );
  return globSync('node_modules/@corral/*/package.json', { cwd: folder })
    .toSorted()
    .map((path) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as PackedManifest);
}

/** Runs a program on the pinned Node. Rejects with what was printed when it fails. */
export function onPinnedNode(folder: string, program: string, ...args: readonly string[]): Promise<string> {
  return start(folder, [dirname(process.execPath), ...searchPath()], program, args);
}

/** Runs npm as its owner has it: on the Node it came with, beside which it finds its settings. */
function npm(folder: string, ...args: readonly string[]): Promise<string> {
  return start(
    folder,
    searchPath().filter((place) => !place.includes('node_modules')),
    'npm',
    args,
  );
}

function searchPath(): readonly string[] {
  return (process.env['PATH'] ?? '').split(delimiter);
}

async function start(
  folder: string,
  path: readonly string[],
  program: string,
  args: readonly string[],
): Promise<string> {
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: path.join(delimiter) };
  // What npm and pnpm tell the scripts they run is about this workspace, not about the stranger's project.
  for (const key of Object.keys(env))
    if (/^npm_(lifecycle|package|command)|^pnpm_/.test(key)) delete env[key];
  try {
    const { stdout } = await run(program, args, { cwd: folder, env, timeout: 120_000, maxBuffer: 1 << 24 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

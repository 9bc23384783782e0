import { execFile } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

export const root: string = join(import.meta.dirname, '../../..');
const bin = join(root, 'node_modules/.bin');
const run = promisify(execFile);

/** What a package says of itself once it is packed: `publishConfig` has been applied. */
export interface PackedManifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Packs every package that is published. Returns the tarballs. */
export async function packInto(folder: string): Promise<readonly string[]> {
  await at(
    root,
    'npm',
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
  await at(
    folder,
    'npm',
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

/** Runs a program of this workspace, on its pinned Node. Rejects with what was printed when it fails. */
export async function at(folder: string, program: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter) };
  // npm passes its settings on to what it runs; a stranger's project has none of ours.
  for (const key of Object.keys(env)) if (/^(npm|pnpm)_/i.test(key)) Reflect.deleteProperty(env, key);
  try {
    const { stdout } = await run(program, args, { cwd: folder, env, timeout: 120_000, maxBuffer: 1 << 24 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

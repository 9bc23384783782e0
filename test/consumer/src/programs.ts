import { execFile } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program on the Node of this workspace. Rejects with what was printed when it fails. */
export function onPinnedNode(folder: string, program: string, line: string): Promise<string> {
  return run(folder, [dirname(process.execPath), ...searchPath()], program, line);
}

/** Runs npm as its owner has it: on the Node it came with, beside which it finds its settings. */
export function npm(folder: string, line: string): Promise<string> {
  return run(
    folder,
    searchPath().filter((place) => !place.includes('node_modules')),
    'npm',
    line,
  );
}

function searchPath(): readonly string[] {
  return (process.env['PATH'] ?? '').split(delimiter);
}

async function run(folder: string, path: readonly string[], program: string, line: string): Promise<string> {
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: path.join(delimiter) };
  // What npm and pnpm tell the scripts they run is about this workspace, not about the stranger's project.
  for (const key of Object.keys(env)) if (OURS.test(key)) delete env[key];
  try {
    const options = { cwd: folder, env, timeout: 120_000, maxBuffer: 1 << 24 };
    return (await execute(program, line.split(' '), options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${line} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

const OURS =
  /^(pnpm_|npm_lifecycle_|npm_package_|npm_command$|npm_config_(allow_scripts|yes|prefer_offline|local_prefix)$)/;

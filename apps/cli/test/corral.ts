import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const program: string = fileURLToPath(new URL('../bin/corral.js', import.meta.url));

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end, with these lines on its standard input. Contexts of whoever runs this are not looked at. */
export async function corral(
  words: readonly string[],
  lines: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<Said> {
  const env = { ...process.env, CORRAL_SERVER: '', XDG_CONFIG_HOME: '/nowhere', ...environment };
  const child = spawn(process.execPath, [program, ...words], { env });
  // A program that needs no input may have ended before it is there.
  child.stdin.on('error', () => {});
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const code = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

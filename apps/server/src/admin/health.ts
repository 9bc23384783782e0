import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import type { ServerView } from '@corral/server';

export interface Health {
  readonly isWell: boolean;
  /** A line for each thing looked at. */
  readonly text: string;
}

/** The process answers: nothing more is asked. */
export function live(): Health {
  return { isWell: true, text: 'ok\n' };
}

/** It serves clients: it has its part in a quorum and is up to date, and its disks can be written to. */
export async function ready(view: ServerView, folders: readonly string[]): Promise<Health> {
  const checks: [what: string, problem: string | undefined][] = [
    ['serving', view.isServing ? undefined : 'looking for a leader, starting or stopping'],
  ];
  for (const folder of new Set(folders)) checks.push([`disk ${folder}`, await problemOf(folder)]);
  return {
    isWell: checks.every(([, problem]) => problem === undefined),
    text: checks
      .map(([what, problem]) => (problem === undefined ? `[+] ${what}\n` : `[-] ${what}: ${problem}\n`))
      .join(''),
  };
}

async function problemOf(folder: string): Promise<string | undefined> {
  try {
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize < FREE_MIN_BYTES ? `${bavail * bsize} bytes are free` : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Less than what a log file is given when it is made. */
const FREE_MIN_BYTES = 64 * 1024 * 1024;

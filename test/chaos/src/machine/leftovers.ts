import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { attemptSync } from './shell.ts';

type Kind = 'owner' | 'namespace' | 'link' | 'mount' | 'process';

export const FOLDER_PREFIX = 'corral-chaos-';

/**
 * What a run has made outside of its folder: written down before it is made, so that the next run can clear away what
 * one left that was killed. Nothing is touched that is not written there.
 */
export class Leftovers {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, FILE);
    this.note('owner', identity(process.pid));
  }

  note(kind: Kind, name: string): void {
    appendFileSync(this.#path, `${kind} ${name}\n`);
  }

  /** A process is known by its id and by when it began: ids come again. */
  noteProcess(pid: number): void {
    this.note('process', identity(pid));
  }

  clear(): void {
    clearFolder(this.#path);
  }
}

/** Clears away what runs have left that are over; says which. */
export function clearAbandoned(): string[] {
  const abandoned = readdirSync(tmpdir())
    .filter((name) => name.startsWith(FOLDER_PREFIX))
    .map((name) => join(tmpdir(), name))
    .filter((folder) => existsSync(join(folder, FILE)) && !isOwned(join(folder, FILE)));
  for (const folder of abandoned) {
    clearFolder(join(folder, FILE));
    if (!existsSync(join(folder, KEPT))) rmSync(folder, { recursive: true, force: true });
  }
  return abandoned.map((folder) => basename(folder));
}

/** Stands in folders that are kept after their run. */
export const KEPT = 'kept';

function isOwned(path: string): boolean {
  return entries(path, 'owner').some((owner) => isAlive(owner));
}

function clearFolder(path: string): void {
  for (const server of entries(path, 'process')) if (isAlive(server)) kill(server);
  for (const place of entries(path, 'mount')) {
    while (mounted().has(place))
      if (!attemptSync('umount', place) && !attemptSync('umount', '-l', place)) break;
  }
  for (const name of entries(path, 'namespace'))
    if (existsSync(`/run/netns/${name}`)) attemptSync('ip', 'netns', 'del', name);
  for (const name of entries(path, 'link'))
    if (existsSync(`/sys/class/net/${name}`)) attemptSync('ip', 'link', 'del', name);
  rmSync(path, { force: true });
}

function entries(path: string, kind: Kind): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${kind} `))
    .map((line) => line.slice(kind.length + 1));
}

function mounted(): Set<string> {
  return new Set(
    readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1]!),
  );
}

/** `pid:start`, of which the second is when the process began, in the kernel's ticks. */
function identity(pid: number): string {
  return `${pid}:${startOf(pid)}`;
}

function isAlive(named: string): boolean {
  const [pid, start] = named.split(':');
  return start !== '' && startOf(Number(pid)) === start;
}

function kill(named: string): void {
  process.kill(Number(named.split(':')[0]), 'SIGKILL');
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
  } catch {
    return '';
  }
}

const FILE = 'made';

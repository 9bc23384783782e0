import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Finding } from './seeds.ts';

/** What a process that hunts is told, as JSON in its first argument. */
export interface Hunt {
  /** Absent: nothing is mutated. */
  readonly mutant?: string;
  readonly seed: number;
  /** How many, one after another. Default: as many as there is time for. */
  readonly seeds?: number;
  /** Whatever seed has begun by then is run to its end. */
  readonly cpuSeconds: number;
}

/** What it answers: a line of JSON on its standard output. */
export interface Quarry {
  readonly finding: Finding | undefined;
  readonly lastSeed: number;
  readonly cpuSeconds: number;
}

/** A process of its own, for what it loads is mutated. @throws Error where it comes to no answer */
export async function runHunt(hunt: Hunt): Promise<Quarry> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    new URL('hunt.ts', import.meta.url).pathname,
    JSON.stringify(hunt),
  ]);
  return JSON.parse(stdout) as Quarry;
}

import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type Image, writeImage } from './disk-history.ts';
import type { Step } from './steps.ts';
import { type Call, recordCalls } from './system-calls.ts';

/** What processes that took steps in a directory did to its files. */
export interface Recording {
  readonly calls: readonly Call[];
  readonly steps: readonly Step[];
  /** The directory. */
  readonly data: string;
  /** Where the processes noted how far they were. */
  readonly marks: string;
  /** What was there before; its paths are the directory's own. */
  readonly before: Image;
}

/** One process after the other takes the steps, in a new directory below `root`. */
export function record(root: string, steps: readonly Step[], before?: Image, from?: string): Recording {
  const home = mkdtempSync(join(root, 'recorded-'));
  const data = `${home}/data`;
  const marks = `${home}/marks`;
  mkdirSync(data);
  const moved = new Map<string, Buffer>();
  for (const [path, bytes] of before ?? []) moved.set(data + path.slice(from!.length), bytes);
  writeImage(moved, data, data);
  const calls: Call[] = [];
  for (let first = 0, next: number; first === 0 || first < steps.length; first = next) {
    const death = steps.findIndex(([kind], i) => i >= first && kind === 'die');
    next = death < 0 ? Math.max(steps.length, 1) : death + 1;
    const args = [data, marks, JSON.stringify(steps.slice(first, next)), String(first)];
    calls.push(...recordCalls(SCRIPT, args, home, `${home}/trace`, calls.length));
  }
  return { calls, steps, data, marks, before: moved };
}

const SCRIPT = join(import.meta.dirname, 'take-steps.ts');

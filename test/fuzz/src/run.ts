import { getHeapStatistics } from 'node:v8';
import { Dice } from './dice.ts';
import { inputOf } from './input.ts';
import type { Target } from './target.ts';

export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  readonly what: string;
  readonly bytes: Uint8Array;
}

export interface Counts {
  inputs: number;
  /** Refused with an error of the decoder's own. */
  refused: number;
  findings: Finding[];
  /** The longest that one input took, in milliseconds. */
  slowestMs: number;
}

/** Feeds inputs `from` up to `to` (without it) of a seed. */
export async function run(target: Target, seed: number, from: number, to: number): Promise<Counts> {
  const counts: Counts = { inputs: 0, refused: 0, findings: [], slowestMs: 0 };
  for (let index = from; index < to && counts.findings.length < FINDINGS_MAX; index++) {
    const bytes = inputOf(target, seed, index);
    const outcome = await feed(target, bytes, seed, index);
    counts.inputs++;
    if (outcome.isRefused) counts.refused++;
    counts.slowestMs = Math.max(counts.slowestMs, outcome.ms);
    if (outcome.what !== undefined)
      counts.findings.push({ target: target.name, seed, index, what: outcome.what, bytes });
  }
  return counts;
}

interface Outcome {
  readonly isRefused: boolean;
  readonly ms: number;
  readonly what: string | undefined;
}

/**
 * One input. What took long or much memory is tried again, because other programs and collections of garbage do that
 * too: only what it takes every time is its own.
 */
export async function feed(target: Target, bytes: Uint8Array, seed: number, index: number): Promise<Outcome> {
  let outcome = await feedOnce(target, bytes, seed, index);
  for (let again = 0; again < AGAIN && isDear(target, outcome); again++) {
    globalThis.gc?.();
    const next = await feedOnce(target, bytes, seed, index);
    outcome = {
      ...outcome,
      ms: Math.min(outcome.ms, next.ms),
      memory: Math.min(outcome.memory, next.memory),
    };
  }
  const { isRefused, ms, memory, error } = outcome;
  if (error !== undefined) return { isRefused, ms, what: textOf(error) };
  if (ms > MS_MAX) return { isRefused, ms, what: `it took ${Math.round(ms)} ms` };
  if (memory > target.memoryMax) return { isRefused, ms, what: `it took ${memory} bytes of memory` };
  return { isRefused, ms, what: undefined };
}

interface Measured {
  readonly isRefused: boolean;
  readonly ms: number;
  readonly memory: number;
  /** What it threw, where that is no refusal. */
  readonly error: unknown;
}

async function feedOnce(target: Target, bytes: Uint8Array, seed: number, index: number): Promise<Measured> {
  const dice = new Dice(~seed, target.name, index);
  let isRefused = false;
  let error: unknown;
  const memoryBefore = memoryNow();
  const begun = performance.now();
  const busyBefore = process.cpuUsage();
  try {
    const done = target.read(bytes, dice);
    if (done !== undefined) await done;
  } catch (cause) {
    isRefused = target.refusals.some((refusal) => cause instanceof refusal);
    if (!isRefused) error = cause ?? new Error('nothing was thrown');
  }
  const wallMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(busyBefore);
  return {
    isRefused,
    // What it waited for the processor is not its own. (What waits for ever meets the time limit of the tests.)
    ms: Math.min(wallMs, (user + system) / 1000),
    memory: memoryNow() - memoryBefore,
    error,
  };
}

function isDear(target: Target, { ms, memory }: Measured): boolean {
  return ms > MS_MAX || memory > target.memoryMax;
}

/** The heap, and what stands outside for it: a claim that was believed is seen before it is filled. */
function memoryNow(): number {
  const { used_heap_size: inside, external_memory: outside } = getHeapStatistics();
  return inside + outside;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const MS_MAX = 100;
const AGAIN = 4;
const FINDINGS_MAX = 5;

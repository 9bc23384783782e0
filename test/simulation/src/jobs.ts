import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { SimulationResult } from '@corral/testing';
import type { Spec } from './spec.ts';

/** What a process that simulates answers. */
export interface Outcome {
  readonly spec: Spec;
  readonly result: SimulationResult;
  readonly cpuMs: number;
}

/**
 * Hands simulations to processes of their own, so many at a time, until `next` has no more. Outcomes come in any order.
 * @throws Error where such a process dies
 */
export async function runJobs(
  jobs: number,
  next: () => Spec | undefined,
  take: (outcome: Outcome) => void,
): Promise<void> {
  await Promise.all(Array.from({ length: jobs }, () => runJob(next, take)));
}

async function runJob(next: () => Spec | undefined, take: (outcome: Outcome) => void): Promise<void> {
  const child = fork(new URL('job.ts', import.meta.url), { execArgv: [...process.execArgv, YOUNG] });
  try {
    for (let spec = next(); spec !== undefined; spec = next()) take(await answerOf(child, spec));
  } finally {
    child.disconnect();
  }
}

async function answerOf(child: ChildProcess, spec: Spec): Promise<Outcome> {
  child.send(spec);
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`the process that ran seed ${spec.seed} ended with ${String(code)}`);
  });
  died.catch(() => {});
  const [answer] = (await Promise.race([once(child, 'message'), died])) as [Omit<Outcome, 'spec'>];
  return { spec, ...answer };
}

/** Most of what a simulation makes does not live for long. */
const YOUNG = '--max-semi-space-size=32';

import { fork } from 'node:child_process';
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
  const child = fork(new URL('job.ts', import.meta.url), { execArgv: [YOUNG] });
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  child.once('exit', (code) =>
    ended.reject(new Error(`a process that simulates ended with ${String(code)}`)),
  );
  try {
    for (let spec = next(); spec !== undefined; spec = next()) {
      const { promise, resolve } = Promise.withResolvers<Omit<Outcome, 'spec'>>();
      child.once('message', resolve);
      child.send(spec);
      take({ spec, ...(await Promise.race([promise, ended.promise])) });
    }
  } finally {
    if (child.connected) child.disconnect();
  }
}

/** Most of what a simulation makes does not live for long. */
const YOUNG = '--max-semi-space-size=32';

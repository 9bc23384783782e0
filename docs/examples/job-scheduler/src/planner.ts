import { BadVersionError, type Client, OutcomeUnknownError } from '@corral/client';
import type { Cache, Lease } from '@corral/recipes';
import { type Job, jobCodec, jobsOf, RUNS, runCodec } from './job.ts';

/** What the leader does: as long as its term lasts, it puts a run into the queue whenever a job is due. */
export async function plan(zk: Client, term: Lease, signal: AbortSignal): Promise<void> {
  await zk.ensurePath('/scheduler/jobs', { signal });
  await zk.ensurePath(RUNS, { signal });
  await using jobs = await jobsOf(zk).cache({}, { signal });
  for (;;) {
    for (const { path, data, stat } of jobs.nodes())
      if (data.nextAt <= zk.clock.now()) await planRun(zk, term, path, data, stat.version);
    await changeOrNextJob(zk, jobs, signal);
  }
}

/**
 * The next time of the job and its run come to be together or not at all, and only while the term's own node is there: a
 * leader that was stopped for a minute, and does not know yet that another leads, changes nothing.
 */
async function planRun(zk: Client, term: Lease, path: string, job: Job, version: number): Promise<void> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const nextAt = Math.max(job.nextAt, zk.clock.now() - job.everyMs) + job.everyMs;
  try {
    await term
      .transaction()
      .set(path, jobCodec.encode({ ...job, nextAt }), version)
      .create(`${RUNS}/qn-`, runCodec.encode({ job: name, dueAt: job.nextAt }), { sequential: true })
      .commit();
  } catch (error) {
    // The cache tells in a moment what the job says now, and whether the run was planned.
    if (!(error instanceof BadVersionError || error instanceof OutcomeUnknownError)) throw error;
  }
}

/** Resolves when a job has changed, or the next is due; after a second at the latest. */
async function changeOrNextJob(zk: Client, jobs: Cache<Job>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const now = zk.clock.now();
  const next = Math.min(...Array.from(jobs.nodes(), ({ data }) => data.nextAt).filter((at) => at > now));
  const timer = zk.clock.after(Math.min(next - now, LOOK_AGAIN_MS), resolve);
  const unlisten = jobs.onChange(() => resolve());
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    await promise;
  } finally {
    timer.cancel();
    unlisten();
    signal.removeEventListener('abort', abort);
  }
}

const LOOK_AGAIN_MS = 1000;

import type { Transport } from '@corral/transport';
import { median } from './comparison.ts';
import { Ensemble, type EnsembleOptions } from './ensemble.ts';
import { SteadyWriter } from './steady-writer.ts';

/**
 * How long nobody is acknowledged a write when the leader is killed. Beside each server stands one writer, so that the
 * first server that serves again is noticed, whichever it is. After each kill all of them write again, the killed
 * server is started, and has come back before the next.
 *
 * @param onGap milliseconds between two acknowledged writes, the longest around each kill
 */
export async function measureFailover(
  transport: Transport,
  options: EnsembleOptions,
  kills: number,
  onGap: (ms: number) => void,
): Promise<void> {
  const ensemble = await Ensemble.prepare(transport, options);
  const acknowledged: number[] = [];
  let writers: SteadyWriter[] = [];
  try {
    for (let i = 0; i < options.size; i++) ensemble.start(i);
    writers = ensemble.addresses.map(
      (address, i) =>
        new SteadyWriter(transport, address, `/corral-bench-failover-${i}`, (at) => acknowledged.push(at)),
    );
    for (let kill = 0; kill < kills; kill++) {
      await writing(ensemble, writers);
      await pause(QUIET_MS);
      const leader = await ensemble.leader();
      if (leader === undefined) throw new Error('nobody leads');
      acknowledged.splice(0, acknowledged.length - 1);
      await ensemble.kill(leader);
      await ensemble.until('a new leader', async () => (await ensemble.leader()) !== undefined);
      await writing(
        ensemble,
        writers.filter((_, i) => i !== leader),
      );
      onGap(longestGap(acknowledged));
      ensemble.start(leader);
    }
  } finally {
    for (const writer of writers) writer.stop();
    await ensemble.stop();
  }
  await ensemble.remove();
}

export function failoverRow(gaps: readonly number[]): string {
  const sorted = gaps.toSorted((a, b) => a - b);
  const p90 = sorted[Math.ceil(sorted.length * 0.9) - 1]!;
  const figures = [sorted[0]!, median(sorted), p90, sorted.at(-1)!].map((ms) => `${ms.toFixed(0)} ms`);
  return `${gaps.length} kills of the leader: no write acknowledged for min ${figures[0]}, median ${figures[1]}, p90 ${figures[2]}, max ${figures[3]}\n`;
}

/** Every one of them has been acknowledged a write since now. */
function writing(ensemble: Ensemble, writers: readonly SteadyWriter[]): Promise<void> {
  const since = performance.now();
  return ensemble.until('writes at every server', () => writers.every(({ lastAt }) => lastAt > since));
}

function longestGap(times: readonly number[]): number {
  let longest = 0;
  for (let i = 1; i < times.length; i++) longest = Math.max(longest, times[i]! - times[i - 1]!);
  return longest;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** All is well for so long before each kill. */
const QUIET_MS = 1000;

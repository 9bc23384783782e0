import { writeFile } from 'node:fs/promises';
import type { Command } from './command-line.ts';
import { printViolation } from './failure.ts';
import { runJobs } from './jobs.ts';
import { manifestOf } from './manifest.ts';
import type { Outcome } from './jobs.ts';
import type { Spec } from './spec.ts';
import { Totals } from './totals.ts';

/** Many short seeds; every violation, and what it all came to. */
export async function audit({ spec, seedsMax, minutes, jobs, isMixed, manifest }: Command): Promise<number> {
  const totals = new Totals();
  const outcomes: Outcome[] = [];
  let seeds = 0;
  console.log(`seeds from ${spec.seed} on, ${spec.hours} hours each, ${minutes} CPU minutes`);
  const next = (): Spec | undefined => {
    if (seeds >= seedsMax || totals.cpuMs >= minutes * 60_000) return undefined;
    const seed = spec.seed + seeds++;
    return { ...spec, seed, storage: isMixed && seed % 4 === 0 ? 'file' : spec.storage };
  };
  await runJobs(jobs, next, (outcome) => {
    totals.cpuMs += outcome.cpuMs;
    totals.add(outcome.result);
    const { violation } = outcome.result;
    if (violation !== undefined) printViolation(outcome.spec, violation);
    if (manifest !== undefined) outcomes.push(outcome);
    if (totals.seeds % TELL_SEEDS === 0)
      console.log(
        `${totals.seeds} seeds, ${totals.hours.toFixed(1)} cluster-hours, ${totals.violations} violations`,
      );
  });
  totals.print();
  if (manifest !== undefined) {
    await writeFile(manifest, await manifestOf(outcomes));
    console.log(`written: ${manifest}`);
  }
  return totals.violations === 0 ? 0 : 1;
}

const TELL_SEEDS = 50;

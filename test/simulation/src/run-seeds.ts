import type { SimulationResult } from '@corral/testing';
import type { Command } from './command-line.ts';
import { printFailure } from './failure.ts';
import { MemberLog } from './member-log.ts';
import { runSpec } from './spec.ts';
import { Totals } from './totals.ts';

/** One seed after another, until one fails. */
export async function runSeeds({ spec, seedsMax, minutes, lines }: Command): Promise<number> {
  const begun = process.cpuUsage();
  const totals = new Totals();
  for (let seed = spec.seed; totals.seeds < seedsMax; seed++) {
    const own = { ...spec, seed };
    const log = new MemberLog(lines);
    const result = await runSpec(own, { log: log.write });
    totals.add(result);
    totals.cpuMs = cpuMsSince(begun);
    console.log(lineOf(result));
    if (result.violation !== undefined) {
      printFailure(own, result.violation, log, lines);
      break;
    }
    if (totals.cpuMs > minutes * 60_000) break;
  }
  totals.print();
  return totals.violations === 0 ? 0 : 1;
}

function lineOf({ seed, hash, steps, acknowledged, faults }: SimulationResult): string {
  return `seed ${seed}: ${hash} ${steps} steps, ${acknowledged} answers, ${faults} faults`;
}

function cpuMsSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

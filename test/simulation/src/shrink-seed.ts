import { shrink, type SimulationOptions } from '@corral/testing';
import type { Command } from './command-line.ts';
import { printFailure } from './failure.ts';
import { MemberLog } from './member-log.ts';
import { runSpec, type Spec } from './spec.ts';

/** A seed that fails, as small as it can be found, and its story. */
export async function shrinkSeed({ spec, runsMax, lines }: Command): Promise<number> {
  const smaller = (options: SimulationOptions): Spec => ({
    ...spec,
    servers: options.servers ?? spec.servers,
    observers: options.observers ?? spec.observers,
    clients: options.clients ?? spec.clients,
    hours: options.hours ?? spec.hours,
    onlyFaults: options.onlyFaults,
  });
  const first = await runSpec(spec);
  if (first.violation === undefined) {
    console.log(`seed ${spec.seed} breaks nothing: there is nothing to shrink`);
    return 0;
  }
  const { seed, servers, observers, clients, hours, onlyFaults } = spec;
  const start = {
    seed,
    servers,
    observers,
    clients,
    hours,
    ...(onlyFaults === undefined ? {} : { onlyFaults }),
  };
  const shrunk = await shrink(start, {
    run: (options) => runSpec(smaller(options)),
    runsMax,
    progress: (options, runs) => console.log(`after ${runs} runs: ${summaryOf(smaller(options))}`),
  });
  const smallest = smaller(shrunk.options);
  const log = new MemberLog(lines);
  const { violation } = await runSpec(smallest, { log: log.write });
  console.log(`\n${violation!.story.slice(-lines).join('\n')}\n`);
  printFailure(smallest, violation!, log, 0);
  return 1;
}

function summaryOf({ servers, observers, clients, hours, onlyFaults }: Spec): string {
  const faults = onlyFaults === undefined ? 'all faults' : `${onlyFaults.length} faults`;
  return `${servers} servers, ${observers} observers, ${clients} clients, ${(hours * 3600).toFixed(0)} s, ${faults}`;
}

import {
  checkHistory,
  type CommittedTransaction,
  faultNames,
  type HistoryRecord,
  simulate,
  type SimulationOptions,
  type SimulationResult,
  standardStorm,
  stormExpirySlackMs,
  type Storm,
} from '@corral/testing';
import { type StorageName, storages } from './storages.ts';

/** One simulation, as plain values: what a command line says, a process is sent, and a manifest holds. */
export interface Spec {
  readonly seed: number;
  readonly servers: number;
  readonly observers: number;
  readonly clients: number;
  readonly hours: number;
  readonly storage: StorageName;
  /** What differs from the standard storm. */
  readonly storm: Partial<Omit<Storm, 'latency'>>;
  readonly onlyFaults: readonly string[] | undefined;
  /** Whether what the clients saw is judged as a whole afterwards. */
  readonly checksHistory: boolean;
}

function optionsOf(spec: Spec): SimulationOptions {
  const { storage, storm, onlyFaults, checksHistory: _, ...options } = spec;
  const open = storages[storage];
  return {
    ...options,
    storm: { ...standardStorm, ...storm },
    ...(onlyFaults === undefined ? {} : { onlyFaults }),
    ...(open === undefined ? {} : { storage: open }),
  };
}

/** Runs it, with what else is to be heard of it; the first thing that its history has against it counts as a violation. */
export async function runSpec(
  spec: Spec,
  further: Partial<SimulationOptions> = {},
): Promise<SimulationResult> {
  if (!spec.checksHistory) return simulate({ ...optionsOf(spec), ...further });
  const records: HistoryRecord[] = [];
  const committed: CommittedTransaction[] = [];
  const result = await simulate({
    ...optionsOf(spec),
    ...further,
    history: (record) => void records.push(record),
    committed: (transaction) => void committed.push(transaction),
  });
  return judged(result, records, committed);
}

/** The command that runs it again. */
export function commandOf(spec: Spec): string {
  const { seed, servers, observers, clients, hours, storage, storm, onlyFaults, checksHistory } = spec;
  const words = [
    `pnpm simulate --seed ${seed} --seeds 1 --servers ${servers} --observers ${observers}`,
    `--clients ${clients} --hours ${hours} --storage ${storage}`,
    ...Object.entries(storm).map(([name, rate]) => `--storm ${name}=${rate}`),
    ...(onlyFaults === undefined ? [] : [`--only ${onlyFaults.length === 0 ? 'none' : onlyFaults.join()}`]),
    ...(checksHistory ? [] : ['--no-history']),
  ];
  return words.join(' ');
}

/** @throws RangeError naming what there is none of */
export function requireFaults(ids: readonly string[]): void {
  for (const id of ids) {
    const [name, ordinal] = id.split(':');
    if (!faultNames.some((one) => one === name) || !/^[1-9]\d*$/.test(ordinal ?? ''))
      throw new RangeError(`--only ${id}: it is no fault; one is called like deaths:3`);
  }
}

function judged(
  result: SimulationResult,
  records: readonly HistoryRecord[],
  committed: readonly CommittedTransaction[],
): SimulationResult {
  if (result.violation !== undefined) return result;
  const [first] = checkHistory(records, { sync: 'quorum', expirySlackMs: stormExpirySlackMs, committed });
  if (first === undefined) return result;
  const { rule, text: message } = first;
  return {
    ...result,
    violation: {
      invariant: `history: ${rule}`,
      says: 'What clients saw can have come from an ensemble that keeps its promises.',
      message,
      step: result.steps,
      atMs: result.hours * 3_600_000,
      trace: [],
      story: [],
    },
  };
}

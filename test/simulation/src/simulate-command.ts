import { parseArgs } from 'node:util';
import { simulate, type SimulationResult } from '@corral/testing';
import { storages } from './storages.ts';

/**
 * `pnpm simulate --seed N --minutes M`: one seed after another for so many minutes of this machine's time, or one seed
 * alone with `--seeds 1`. The exit code is 1 where something was wrong.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    minutes: { type: 'string', default: '1' },
    servers: { type: 'string', default: '5' },
    observers: { type: 'string', default: '1' },
    clients: { type: 'string', default: '8' },
    hours: { type: 'string', default: '0.5' },
    storage: { type: 'string', default: 'memory' },
    lines: { type: 'string', default: '80' },
  },
});

const begun = process.cpuUsage();
const deadline = performance.now() + Number(values.minutes) * 60_000;
const totals = new Map<string, number>();
let [hours, acknowledged, faults, seeds] = [0, 0, 0, 0];
let seed = Number(values.seed);
const seedsMax = values.seeds === undefined ? Number.POSITIVE_INFINITY : Number(values.seeds);
if (!(values.storage in storages))
  throw new RangeError(`--storage ${values.storage}: it is none of ${Object.keys(storages).join(', ')}`);

for (; seeds < seedsMax && (seeds === 0 || performance.now() < deadline); seed++) {
  const said: string[] = [];
  const storage = storages[values.storage];
  const result = await simulate({
    seed,
    servers: Number(values.servers),
    observers: Number(values.observers),
    clients: Number(values.clients),
    hours: Number(values.hours),
    ...(storage === undefined ? {} : { storage }),
    log: (sid, level, message, fields) => {
      if (level === 'debug' || level === 'trace') return;
      said.push(`s${sid} ${level} ${message} ${text(fields)}`);
      if (said.length > 2 * Number(values.lines)) said.splice(0, Number(values.lines));
    },
  });
  seeds++;
  add(result);
  console.log(
    `seed ${seed}: ${result.hash} ${result.steps} steps, ${result.acknowledged} answers, ${result.faults} faults`,
  );
  if (result.violation !== undefined) {
    report(result, said);
    break;
  }
}
summary();

function add(result: SimulationResult): void {
  hours += result.hours;
  acknowledged += result.acknowledged;
  faults += result.faults;
  for (const [name, count] of Object.entries(result.coverage))
    totals.set(name, (totals.get(name) ?? 0) + count);
}

function report({ violation }: SimulationResult, said: readonly string[]): void {
  process.exitCode = 1;
  const { invariant, says, message, step, atMs, trace } = violation!;
  console.log(said.slice(-Number(values.lines)).join('\n'));
  console.log(trace.slice(-Number(values.lines)).join('\n'));
  console.log(`\nBROKEN: ${invariant} (${says})\n  ${message}\n  at step ${step}, ${atMs.toFixed(3)} ms`);
  const { servers, observers, clients, storage } = values;
  console.log(
    `replay: pnpm simulate --seed ${seed} --seeds 1 --servers ${servers} --observers ${observers} --clients ${clients} --hours ${values.hours} --storage ${storage}`,
  );
}

function summary(): void {
  const { user, system } = process.cpuUsage(begun);
  const cpuMinutes = (user + system) / 60e6;
  for (const [name, count] of [...totals].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`  ${name}: ${count}`);
  console.log(
    `${seeds} seeds, ${hours.toFixed(2)} cluster-hours, ${faults} faults, ${acknowledged} answers (${(acknowledged / hours / 3600).toFixed(1)} a second); ` +
      `${cpuMinutes.toFixed(2)} CPU minutes, ${(hours / cpuMinutes).toFixed(2)} cluster-hours in each`,
  );
}

function text(fields: object): string {
  return JSON.stringify(fields, (_, value: unknown) => {
    if (value instanceof Error) return value.stack;
    return typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
  });
}

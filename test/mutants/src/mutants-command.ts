import { parseArgs } from 'node:util';
import type { Mutant } from './mutant.ts';
import { mutantCalled, mutants } from './mutants.ts';
import { runHunt } from './run-hunt.ts';

/**
 * `pnpm mutants --minutes 5`: switches each seeded bug on in turn, and runs one seed after another until something
 * notices it, for so many minutes of CPU time at most. A seed counts where nothing is wrong with it without the bug.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    table: { type: 'boolean', default: false },
  },
});

interface Result {
  readonly mutant: Mutant;
  /** Undefined: nothing has noticed it. */
  readonly by: string | undefined;
  readonly message: string | undefined;
  /** The last that was run. */
  readonly seed: number;
  readonly cpuSeconds: number;
}

/** Of all mutants. Less is a failure. */
const SHARE_WANTED = 0.95;
const chosen = values.only === undefined ? mutants : values.only.split(',').map(mutantCalled);
const cpuSecondsMax = Number(values.minutes) * 60;
const firstSeed = Number(values.seed);
const soundSeeds = new Map<number, Promise<boolean>>();
const results: Result[] = [];
const waiting = chosen.values();
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
summary();
if (values.table) console.log(table());

async function work(): Promise<void> {
  for (const mutant of waiting) {
    const result = await hunt(mutant);
    results.push(result);
    const { by, message, seed, cpuSeconds } = result;
    const seconds = `${cpuSeconds.toFixed(1)} CPU seconds`;
    if (by === undefined) console.log(`${mutant.name}: SURVIVES seeds ${firstSeed} to ${seed}, ${seconds}`);
    else console.log(`${mutant.name}: ${by}, seed ${seed}, ${seconds}\n  ${message?.split('\n')[0]}`);
  }
}

async function hunt(mutant: Mutant): Promise<Result> {
  let cpuSeconds = 0;
  for (let seed = firstSeed; ; seed++) {
    const quarry = await runHunt({ mutant: mutant.name, seed, cpuSeconds: cpuSecondsMax - cpuSeconds });
    const { finding, lastSeed } = quarry;
    cpuSeconds += quarry.cpuSeconds;
    seed = lastSeed;
    const { by, message } = finding !== undefined && (await isSound(seed)) ? finding : {};
    if (by !== undefined || cpuSeconds >= cpuSecondsMax) return { mutant, by, message, seed, cpuSeconds };
  }
}

function isSound(seed: number): Promise<boolean> {
  let sound = soundSeeds.get(seed);
  if (sound === undefined) soundSeeds.set(seed, (sound = runUnmutated(seed)));
  return sound;
}

async function runUnmutated(seed: number): Promise<boolean> {
  const { finding } = await runHunt({ seed, seeds: 1, cpuSeconds: cpuSecondsMax });
  if (finding !== undefined) console.log(`seed ${seed} without a mutant: ${finding.by}: ${finding.message}`);
  return finding === undefined;
}

function summary(): void {
  const killed = results.filter(({ by }) => by !== undefined);
  const times = killed.map(({ cpuSeconds }) => cpuSeconds).toSorted((a, b) => a - b);
  const share = killed.length / results.length;
  console.log(
    `${killed.length} of ${results.length} noticed (${(share * 100).toFixed(1)} %); half of them within ${times[times.length >> 1]?.toFixed(1)} CPU seconds`,
  );
  process.exitCode = share >= SHARE_WANTED ? 0 : 1;
}

function table(): string {
  const order = new Map(mutants.map((mutant, at) => [mutant, at]));
  const rows = results
    .toSorted((a, b) => order.get(a.mutant)! - order.get(b.mutant)!)
    .map(({ mutant: { name, breaks, issue = '' }, by = '**nobody**', seed, cpuSeconds }) =>
      [`\`${name}\``, breaks, issue, by, seed, cpuSeconds.toFixed(1)].join(' | '),
    );
  const head = [
    'mutant | what is wrong | kin to | noticed by | seed | CPU seconds',
    '--- | --- | --- | --- | --- | ---',
  ];
  return [...head, ...rows].map((row) => `| ${row} |`).join('\n');
}

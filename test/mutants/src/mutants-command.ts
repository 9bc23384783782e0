import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import type { Hunt, Quarry } from './hunt.ts';
import type { Mutant } from './mutant.ts';
import { mutantCalled, mutants } from './mutants.ts';

/**
 * `pnpm mutants --minutes 5`: switches each seeded bug on in turn, and runs one seed after another until something
 * notices it, for so many minutes of CPU time at most. A seed counts where nothing is wrong with it without the bug.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    table: { type: 'boolean', default: false },
  },
});

interface Result {
  readonly mutant: Mutant;
  /** Undefined: nothing has noticed it. */
  readonly by: string | undefined;
  readonly seed: number;
  readonly cpuSeconds: number;
}

const chosen = values.only === undefined ? mutants : values.only.split(',').map(mutantCalled);
const cpuSecondsMax = Number(values.minutes) * 60;
const firstSeed = Number(values.seed);
const soundSeeds = new Map<number, boolean>();
const results: Result[] = [];
for (const mutant of chosen) {
  const result = await hunt(mutant);
  results.push(result);
  const { by, seed, cpuSeconds } = result;
  const end = by === undefined ? `SURVIVES seeds ${firstSeed} to ${seed}` : `${by}, seed ${seed}`;
  console.log(`${mutant.name}: ${end}, ${cpuSeconds.toFixed(1)} s`);
}
const killed = results.filter(({ by }) => by !== undefined);
const times = killed.map(({ cpuSeconds }) => cpuSeconds).toSorted((a, b) => a - b);
console.log(
  `${killed.length} of ${results.length} noticed; half of them within ${times[times.length >> 1]?.toFixed(1)} CPU seconds`,
);
if (values.table) console.log(table());
process.exitCode = killed.length >= results.length * 0.95 ? 0 : 1;

async function hunt(mutant: Mutant): Promise<Result> {
  let cpuSeconds = 0;
  for (let seed = firstSeed; ; seed++) {
    const quarry = await run({
      mutant: mutant.name,
      seed,
      seeds: Number.MAX_SAFE_INTEGER,
      cpuSeconds: cpuSecondsMax - cpuSeconds,
    });
    cpuSeconds += quarry.cpuSeconds;
    const { finding, lastSeed } = quarry;
    if (finding !== undefined && (await isSound(lastSeed)))
      return { mutant, by: finding.by, seed: lastSeed, cpuSeconds };
    seed = lastSeed;
    if (cpuSeconds >= cpuSecondsMax) return { mutant, by: undefined, seed, cpuSeconds };
  }
}

async function isSound(seed: number): Promise<boolean> {
  let sound = soundSeeds.get(seed);
  if (sound === undefined) {
    const { finding } = await run({ seed, seeds: 1, cpuSeconds: cpuSecondsMax });
    if (finding !== undefined)
      console.log(`without any mutant, seed ${seed}: ${finding.by}: ${finding.message}`);
    soundSeeds.set(seed, (sound = finding === undefined));
  }
  return sound;
}

async function run(hunted: Hunt): Promise<Quarry> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    `${import.meta.dirname}/hunt.ts`,
    JSON.stringify(hunted),
  ]);
  return JSON.parse(stdout) as Quarry;
}

function table(): string {
  const rows = results.map(({ mutant: { name, breaks, issue = '' }, by = 'survives', seed, cpuSeconds }) =>
    [`\`${name}\``, breaks, issue, by, seed, cpuSeconds.toFixed(1)].join(' | '),
  );
  return [
    'mutant | what is wrong | kin to | noticed by | seed | CPU s',
    '--- | --- | --- | --- | --- | ---',
    ...rows,
  ]
    .map((row) => `| ${row} |`)
    .join('\n');
}

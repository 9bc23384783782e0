import { mutantCalled } from './mutants.ts';
import { switchOn } from './mutant.ts';
import type { Finding } from './seeds.ts';

/** What a process that hunts is told, as JSON in its first argument. */
export interface Hunt {
  /** Absent: nothing is mutated. */
  readonly mutant?: string | undefined;
  readonly seed: number;
  readonly seeds: number;
  readonly cpuSeconds: number;
}

/** What it answers: a line of JSON on its standard output. */
export interface Quarry {
  readonly finding: Finding | undefined;
  readonly lastSeed: number;
  readonly cpuSeconds: number;
}

const hunt = JSON.parse(process.argv[2]!) as Hunt;
const notLoaded = hunt.mutant === undefined ? () => [] : switchOn(mutantCalled(hunt.mutant));
const { runSeed } = await import('./seeds.ts');
let { seed } = hunt;
// Nobody awaits it, so nobody would ever know.
process.on('uncaughtException', (error) =>
  finish({ seed, by: 'no-unexpected-failure', message: `thrown, and nobody takes it: ${error.stack}` }),
);
for (; ; seed++) {
  const finding = await runSeed(seed);
  if (notLoaded().length > 0) throw new Error(`never loaded: ${notLoaded().join(', ')}`);
  if (finding !== undefined || seed === hunt.seed + hunt.seeds - 1 || cpuSeconds() >= hunt.cpuSeconds)
    finish(finding);
}

function finish(finding: Finding | undefined): never {
  const quarry: Quarry = { finding, lastSeed: seed, cpuSeconds: cpuSeconds() };
  process.stdout.write(`${JSON.stringify(quarry)}\n`);
  process.exit(0);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

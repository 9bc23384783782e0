import { mutantCalled } from './mutants.ts';
import { switchOn } from './mutant.ts';
import type { Hunt, Quarry } from './run-hunt.ts';
import type { Finding } from './seeds.ts';

const {
  mutant,
  seed: first,
  seeds = Number.POSITIVE_INFINITY,
  cpuSeconds,
} = JSON.parse(process.argv[2]!) as Hunt;
const notLoaded = mutant === undefined ? () => [] : switchOn(mutantCalled(mutant));
const { runSeed } = await import('./seeds.ts');
let seed = first;
// Nobody awaits it, so nobody would ever know.
process.on('uncaughtException', (error) =>
  finish({ seed, by: 'no-unexpected-failure', message: `thrown, and nobody takes it: ${error.stack}` }),
);
for (; ; seed++) {
  const finding = await runSeed(seed);
  if (notLoaded().length > 0) throw new Error(`never loaded: ${notLoaded().join(', ')}`);
  if (finding !== undefined || seed + 1 >= first + seeds || cpuSecondsSoFar() >= cpuSeconds) finish(finding);
}

function finish(finding: Finding | undefined): never {
  const quarry: Quarry = { finding, lastSeed: seed, cpuSeconds: cpuSecondsSoFar() };
  process.stdout.write(`${JSON.stringify(quarry)}\n`);
  process.exit(0);
}

function cpuSecondsSoFar(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

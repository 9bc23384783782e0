import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Counts, run } from './run.ts';
import { targets } from './targets/index.ts';

/**
 * `npm run -s fuzz -- --inputs 20000000 --seed 7 --only learner`: so many inputs over all targets by their weight, or over
 * those named.
 * `--from` begins at a later index, and `--inputs 1 --from INDEX` replays one. Inputs that find something are kept as
 * cases, which every test run replays.
 */
const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    from: { type: 'string', default: '0' },
  },
});
const BATCH = 5000;
const seed = Number(values.seed);
const from = Number(values.from);
const only = values.only?.split(',');
const chosen = targets.filter(({ name }) => only === undefined || only.includes(name));
if (chosen.length === 0) {
  console.error(`no target ${values.only}: ${targets.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const weights = chosen.reduce((sum, { weight }) => sum + weight, 0);
let total = 0;
let findings = 0;
for (const target of chosen) {
  await target.prepare?.();
  const count = Math.max(1, Math.round((Number(values.inputs) * target.weight) / weights));
  const sum: Counts = { inputs: 0, refused: 0, findings: [], slowestMs: 0 };
  const begun = performance.now();
  for (let at = from; at < from + count && sum.findings.length === 0; at += BATCH) {
    const counts = await run(target, seed, at, Math.min(at + BATCH, from + count));
    sum.inputs += counts.inputs;
    sum.refused += counts.refused;
    sum.findings.push(...counts.findings);
    sum.slowestMs = Math.max(sum.slowestMs, counts.slowestMs);
    if (process.stderr.isTTY) process.stderr.write(`\r${target.name} ${sum.inputs} of ${count} `);
  }
  total += sum.inputs;
  findings += sum.findings.length;
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    `${target.name}: ${sum.inputs} inputs, ${sum.refused} refused, slowest ${sum.slowestMs.toFixed(1)} ms, ${seconds.toFixed(1)} s`,
  );
  for (const { index, what, bytes } of sum.findings) {
    const folder = join(import.meta.dirname, '..', 'cases', target.name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${seed}-${index}.hex`), `${Buffer.from(bytes).toString('hex')}\n`);
    console.log(
      `FOUND ${what}\n  again: npm run -s fuzz -- --only ${target.name} --seed ${seed} --from ${index} --inputs 1`,
    );
  }
}
console.log(`${total} inputs, seed ${seed}, ${findings} findings`);
process.exitCode = findings === 0 ? 0 : 1;

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, helpText, readCommandLine } from './command-line.ts';
import { type Counts, type Finding, run } from './run.ts';
import type { Target } from './target.ts';
import { targets } from './targets/index.ts';

const BATCH = 5000;
const CASES = join(import.meta.dirname, '..', 'cases');

/** `npm run -s fuzz`: see `--help`. */
process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = readCommandLine(words, targets);
  } catch (error) {
    console.error(
      `${error instanceof Error ? error.message : String(error)}\nSee npm run -s fuzz -- --help.`,
    );
    return 2;
  }
  if (command.isHelp) {
    console.log(helpText(targets));
    return 0;
  }
  return fuzz(command);
}

async function fuzz({ targets: chosen, inputs, seed, from, minutes }: Command): Promise<number> {
  const weights = chosen.reduce((sum, { weight }) => sum + weight, 0);
  let total = 0;
  let findings = 0;
  for (const target of chosen) {
    const share = target.weight / weights;
    const to = from + Math.max(1, Math.round(inputs * share));
    const counts = await feedAll(target, seed, from, to, minutes / chosen.length);
    total += counts.inputs;
    findings += counts.findings.length;
    for (const finding of counts.findings) keep(finding);
  }
  console.log(`${total} inputs, seed ${seed}, ${findings} findings`);
  return findings === 0 ? 0 : 1;
}

async function feedAll(
  target: Target,
  seed: number,
  from: number,
  to: number,
  minutes: number,
): Promise<Counts> {
  await target.prepare?.();
  const sum: Counts = { inputs: 0, refused: 0, findings: [], slowestMs: 0 };
  const begun = process.cpuUsage();
  const secondsNow = (): number => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1e6;
  };
  const batch = minutes === Number.POSITIVE_INFINITY ? BATCH : Math.min(BATCH, target.weight * 25);
  for (let at = from; at < to && sum.findings.length === 0 && secondsNow() < minutes * 60; at += batch) {
    const counts = await run(target, seed, at, Math.min(at + batch, to));
    sum.inputs += counts.inputs;
    sum.refused += counts.refused;
    sum.findings.push(...counts.findings);
    sum.slowestMs = Math.max(sum.slowestMs, counts.slowestMs);
    if (process.stderr.isTTY) process.stderr.write(`\r${target.name} ${sum.inputs} of ${to - from} `);
  }
  console.log(
    `${target.name}: ${sum.inputs} inputs, ${sum.refused} refused, slowest ${sum.slowestMs.toFixed(1)} ms, ${secondsNow().toFixed(1)} CPU seconds`,
  );
  return sum;
}

/** As a case, which every test run replays. */
function keep({ target, seed, index, what, bytes }: Finding): void {
  const folder = join(CASES, target);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${seed}-${index}.hex`), `${Buffer.from(bytes).toString('hex')}\n`);
  console.log(
    `FOUND ${what}\n  again: npm run -s fuzz -- --only ${target} --seed ${seed} --from ${index} --inputs 1`,
  );
}

import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { feed, run } from './run.ts';
import { targets } from './targets/index.ts';

/** Another stretch of inputs every time: `CORRAL_SEED` repeats one. */
const SEED = Number(process.env['CORRAL_SEED'] ?? Date.now() % 1_000_000);
const CASES = join(import.meta.dirname, '..', 'cases');
const INPUTS_PER_WEIGHT = 100;

describe.each(targets)('$name', { timeout: 180_000 }, (target) => {
  test('bytes of any kind are read or refused: at once, with an error of its own, and without much memory', async () => {
    await target.prepare?.();

    const { inputs, refused, findings, slowestMs } = await run(
      target,
      SEED,
      0,
      target.weight * INPUTS_PER_WEIGHT,
    );

    console.info(
      `${target.name}, seed ${SEED}: ${inputs} inputs, ${refused} refused, slowest ${slowestMs.toFixed(1)} ms`,
    );
    expect(findings.map(({ index, what }) => `seed ${SEED}, input ${index}: ${what}`)).toEqual([]);
  });

  const folder = join(CASES, target.name);
  const cases = existsSync(folder) ? globSync('*.hex', { cwd: folder }) : [];
  test.each(cases)('%s, which once was too much, is no more', async (file) => {
    await target.prepare?.();
    const bytes = Uint8Array.from(Buffer.from(readFileSync(join(folder, file), 'utf8').trim(), 'hex'));
    const [seed, index] = basename(file, '.hex').split('-').map(Number) as [number, number];

    const { what } = await feed(target, bytes, seed, index);

    expect(what).toBeUndefined();
  });
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { simulate, type SimulationOptions, type SimulationResult } from '@corral/testing';
import { describe, expect, it } from 'vitest';
import { storages } from './storages.ts';

const first = Number(process.env['CORRAL_SIMULATION_SEED'] ?? 1);

const storms = [
  { servers: 3, observers: 0, storage: 'memory' },
  { servers: 5, observers: 1, storage: 'memory' },
  { servers: 3, observers: 1, storage: 'file' },
  { servers: 5, observers: 0, storage: 'file' },
].map((shape, index) => ({ ...shape, seed: first + index, hours: 0.07 }));

describe('an ensemble in the standard storm', () => {
  it.each(storms)(
    'keeps every invariant (seed $seed: $servers servers, $observers observers, $storage)',
    async ({ storage, ...options }) => {
      const result = await simulate({ ...options, ...over(storage) });
      expect(brokenBy(result), replayLine(options, storage)).toBeUndefined();
      expect(result.acknowledged).toBeGreaterThan(500);
      expect(result.faults).toBeGreaterThan(5);
    },
  );
});

describe('a simulation', () => {
  it('is the same for the same seed, in this process and in another', async () => {
    const here = [await simulate(SMALL), await simulate(SMALL)].map(({ hash }) => hash);
    const { stdout } = await promisify(execFile)(process.execPath, [
      new URL('print-hash.ts', import.meta.url).pathname,
      JSON.stringify(SMALL),
    ]);
    expect([...here, stdout.trim()]).toEqual([here[0], here[0], here[0]]);
  });

  it('is another for another seed', async () => {
    const [one, other] = [await simulate(SMALL), await simulate({ ...SMALL, seed: SMALL.seed + 1 })];
    expect(one.hash).not.toBe(other.hash);
  });
});

const SMALL = { seed: 11, servers: 3, observers: 1, hours: 0.03 } satisfies SimulationOptions;

function over(storage: string): Pick<SimulationOptions, 'storage'> {
  const open = storages[storage];
  return open === undefined ? {} : { storage: open };
}

function brokenBy({ violation }: SimulationResult): string | undefined {
  return violation === undefined ? undefined : `${violation.invariant}: ${violation.message}`;
}

function replayLine(
  options: { seed: number; servers: number; observers: number; hours: number },
  storage: string,
): string {
  const { seed, servers, observers, hours } = options;
  return `replay: pnpm simulate --seed ${seed} --seeds 1 --servers ${servers} --observers ${observers} --hours ${hours} --storage ${storage}`;
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { simulate, type SimulationOptions, type SimulationResult } from '@corral/testing';
import { commandOf, runSpec, type Spec } from './spec.ts';
import { describe, expect, it } from 'vitest';

const first = Number(process.env['CORRAL_SIMULATION_SEED'] ?? 1);

const storms: readonly Spec[] = (
  [
    { servers: 3, observers: 0, storage: 'memory' },
    { servers: 5, observers: 1, storage: 'memory' },
    { servers: 3, observers: 1, storage: 'file' },
    { servers: 5, observers: 0, storage: 'file' },
  ] as const
).map((shape, index) => ({
  ...shape,
  seed: first + index,
  clients: 8,
  hours: 0.07,
  storm: {},
  onlyFaults: undefined,
  checksHistory: true,
}));

describe('an ensemble in the standard storm', () => {
  it.each(storms)(
    'keeps every invariant (seed $seed: $servers servers, $observers observers, $storage)',
    async (spec) => {
      const result = await runSpec(spec);
      expect(brokenBy(result), `replay: ${commandOf(spec)}`).toBeUndefined();
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

function brokenBy({ violation }: SimulationResult): string | undefined {
  return violation === undefined ? undefined : `${violation.invariant}: ${violation.message}`;
}

import { describe, expect, it } from 'vitest';
import { shrink } from './shrink.ts';
import type { SimulationOptions, SimulationResult } from './simulate.ts';

describe('a failing simulation', () => {
  it('shrinks to what is enough to fail', async () => {
    const { options, result, runs } = await shrink(
      { seed: 7, servers: 5, observers: 2, clients: 8, hours: 1 },
      { run: breaking((faults) => faults.has('deaths:2') && faults.has('stalls:1')), runsMax: 100 },
    );
    expect(options).toMatchObject({ servers: 1, observers: 0, clients: 1 });
    expect(options.hours).toBeLessThanOrEqual(0.1);
    expect(result.struck).toEqual(['stalls:1', 'deaths:2']);
    expect(runs).toBeLessThanOrEqual(100);
  });

  it('keeps what breaks the same invariant only', async () => {
    const other = breaking(() => true, 'another');
    const { options } = await shrink(
      { seed: 7, servers: 5, clients: 8, hours: 1 },
      { run: (tried) => (tried.servers === 5 ? breaking(() => true)(tried) : other(tried)) },
    );
    expect(options.servers).toBe(5);
  });

  it('takes no more runs than it was given', async () => {
    let runs = 0;
    const run = breaking(() => true);
    await shrink(
      { seed: 7, hours: 1 },
      {
        run: (options) => {
          runs++;
          return run(options);
        },
        runsMax: 9,
      },
    );
    expect(runs).toBe(9);
  });

  it('has to fail', async () => {
    await expect(shrink({ seed: 7 }, { run: breaking(() => false) })).rejects.toThrow(
      new RangeError('seed: 7 breaks nothing'),
    );
  });
});

/** A simulation that breaks something a tenth of an hour after its beginning where those faults struck. */
function breaking(
  isEnough: (faults: ReadonlySet<string>) => boolean,
  invariant = 'one',
): (options: SimulationOptions) => Promise<SimulationResult> {
  return async ({ seed, hours = 1, onlyFaults = STRUCK }) => {
    const struck = STRUCK.filter((id) => onlyFaults.includes(id));
    const isBroken = hours >= 0.09 && isEnough(new Set(struck));
    return {
      seed,
      violation: isBroken
        ? { invariant, says: '', message: '', step: 1, atMs: 360_000, trace: [], story: [] }
        : undefined,
      hash: '',
      steps: 1,
      hours,
      acknowledged: 0,
      faults: struck.length,
      struck,
      coverage: {},
    };
  };
}

const STRUCK = ['deaths:1', 'stalls:1', 'deaths:2', 'resets:1', 'deaths:3', 'silences:1', 'isolations:1'];

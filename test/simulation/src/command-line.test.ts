import { describe, expect, it } from 'vitest';
import { HELP, readCommandLine } from './command-line.ts';
import { commandOf, type Spec } from './spec.ts';

describe('the command line of simulations', () => {
  it('reads what a failure prints as the same simulation', () => {
    const spec: Spec = {
      seed: 42,
      servers: 3,
      observers: 2,
      clients: 1,
      hours: 0.0125,
      storage: 'file',
      storm: { deaths: 3, lyingDisks: 7 },
      onlyFaults: ['deaths:3', 'lyingDisks:1'],
      checksHistory: false,
    };
    const words = commandOf(spec).split(' ').slice(2);
    expect(readCommandLine(words)).toMatchObject({ spec, seedsMax: 1, mode: 'run' });
  });

  it.each([
    [['--seed', 'x'], '--seed x: it is no integer from 0 to 549755813888'],
    [['--seed', '1.5'], '--seed 1.5: it is no integer from 0 to 549755813888'],
    [['--servers', '0'], '--servers 0: it is no integer from 1 to 31'],
    [['--storage', 'tape'], '--storage tape: it is none of memory, file, both'],
    [['--storm', 'hail=3'], '--storm hail=3: there is no fault hail'],
    [['--storm', 'deaths=many'], '--storm deaths many: it is no number from 0 to 1000000'],
    [['--only', 'deaths'], '--only deaths: it is no fault; one is called like deaths:3'],
    [['--part', '200%'], '--part 200: it is no number from 0 to 100'],
  ])('says which option makes no sense: %j', (words, message) => {
    expect(() => readCommandLine(words)).toThrow(new RangeError(message));
  });

  it('refuses options that there are not', () => {
    expect(() => readCommandLine(['--nonsense'])).toThrow("Unknown option '--nonsense'");
  });

  it('tells of every option', () => {
    for (const option of ['seed', 'storm', 'only', 'shrink', 'audit', 'jobs', 'manifest', 'verify', 'part'])
      expect(HELP).toContain(`--${option}`);
  });
});

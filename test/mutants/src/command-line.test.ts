import { describe, expect, it } from 'vitest';
import { HELP, readCommandLine } from './command-line.ts';
import { mutants } from './mutants.ts';

describe('the command line of mutants', () => {
  it('hunts all of them for five minutes each, unless it is told otherwise', () => {
    expect(readCommandLine([])).toEqual({
      mutants,
      cpuSeconds: 300,
      firstSeed: 1,
      jobs: 1,
      isTable: false,
      isHelp: false,
    });
  });

  it('reads what is said', () => {
    const { name } = mutants[3]!;
    const words = [
      '--only',
      `half-a-quorum,${name}`,
      '--minutes',
      '0.5',
      '--seed',
      '7',
      '--jobs',
      '2',
      '--table',
    ];

    const command = readCommandLine(words);

    expect(command.mutants.map((mutant) => mutant.name)).toEqual(['half-a-quorum', name]);
    expect(command).toMatchObject({ cpuSeconds: 30, firstSeed: 7, jobs: 2, isTable: true });
  });

  it.each([
    [['--only', 'whole-a-quorum'], '--only whole-a-quorum: it is no mutant'],
    [['--only', ''], '--only : it is no mutant'],
    [['--minutes', 'soon'], '--minutes soon: it is no number from 0.01 to 1000000'],
    [['--minutes', '0'], '--minutes 0: it is no number from 0.01 to 1000000'],
    [['--seed', '1.5'], '--seed 1.5: it is no integer'],
    [['--jobs', '0'], '--jobs 0: it is no number from 1 to 64'],
  ])('says which option makes no sense: %j', (words, message) => {
    expect(() => readCommandLine(words)).toThrow(new RangeError(message));
  });

  it('refuses options that there are not', () => {
    expect(() => readCommandLine(['--nonsense'])).toThrow("Unknown option '--nonsense'");
    expect(() => readCommandLine(['nonsense'])).toThrow("'nonsense'");
  });

  it('tells of every option', () => {
    for (const option of ['only', 'minutes', 'seed', 'jobs', 'table']) expect(HELP).toContain(`--${option}`);
    expect(readCommandLine(['--help']).isHelp).toBe(true);
  });
});

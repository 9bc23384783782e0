import { describe, expect, it } from 'vitest';
import { helpText, readCommandLine } from './command-line.ts';
import { targets } from './targets/index.ts';

describe('the command line of fuzzing', () => {
  it('feeds all targets with a million inputs, unless it is told otherwise', () => {
    expect(readCommandLine([], targets)).toMatchObject({
      targets,
      inputs: 1_000_000,
      from: 0,
      minutes: Number.POSITIVE_INFINITY,
      isHelp: false,
    });
  });

  it('reads what a finding prints', () => {
    const words = ['--only', 'learner', '--seed', '7', '--from', '4711', '--inputs', '1'];

    const command = readCommandLine(words, targets);

    expect(command.targets.map(({ name }) => name)).toEqual(['learner']);
    expect(command).toMatchObject({ seed: 7, from: 4711, inputs: 1 });
  });

  it.each([
    [['--inputs', 'many'], '--inputs many: it is no number from 1 to 1000000000000'],
    [['--inputs', '1.5'], '--inputs 1.5: it is no integer'],
    [['--seed', ''], '--seed : it is no number from 0 to 2147483648'],
    [['--from', '-1'].join('=').split(' '), '--from -1: it is no number from 0 to 2147483648'],
    [['--minutes', '0'], '--minutes 0: it is no number from 0.001 to 1000000'],
  ])('says which option makes no sense: %j', (words, message) => {
    expect(() => readCommandLine(words, targets)).toThrow(new RangeError(message));
  });

  it('names the targets that there are where one is asked for that there is not', () => {
    expect(() => readCommandLine(['--only', 'learner,teacher'], targets)).toThrow(
      '--only teacher: it is none of frames, ',
    );
  });

  it('refuses options that there are not', () => {
    expect(() => readCommandLine(['--nonsense'], targets)).toThrow("Unknown option '--nonsense'");
  });

  it('tells of every option and every target', () => {
    const text = helpText(targets);
    for (const option of ['inputs', 'minutes', 'seed', 'only', 'from']) expect(text).toContain(`--${option}`);
    for (const { name } of targets) expect(text).toContain(name);
    expect(readCommandLine(['--help'], targets).isHelp).toBe(true);
  });
});

import { expect, it } from 'vitest';
import { helpText, readCommand } from './options.ts';

const faults = ['kill', 'pause'];

it('what is not said has a value', () => {
  expect(readCommand([], faults)).toMatchObject({
    word: 'run',
    options: { minutes: 1, servers: 3, clients: 10, faults: undefined, isApache: false, isKept: false },
  });
});

it('reads what is said', () => {
  const words = ['--minutes', '0.5', '--servers', '5', '--seed', '7', '--faults', 'kill,pause', '--keep'];

  expect(readCommand(words, faults)).toMatchObject({
    word: 'run',
    options: { minutes: 0.5, servers: 5, seed: 7, faults: ['kill', 'pause'], isKept: true },
  });
});

it.each([
  ['--minutes', 'soon'],
  ['--minutes', '0'],
  ['--minutes', ''],
  ['--servers', '4'],
  ['--servers', '1'],
  ['--servers', '3.5'],
  ['--seed', '-1'],
  ['--seed', 'x'],
  ['--clients', '0'],
  ['--rate', '0'],
  ['--every-ms', 'often'],
  ['--storage', 'tape'],
  ['--faults', 'kill,earthquake'],
  ['--expiry-slack-ms', '-1'],
])('a value that is not valid is refused by the name of its option: %s %s', (option, value) => {
  expect(() => readCommand([`${option}=${value}`], faults)).toThrow(option);
});

it('an option that there is not is refused by its name', () => {
  expect(() => readCommand(['--minuets', '3'], faults)).toThrow('--minuets');
});

it('tells of every option and every fault', () => {
  const text = helpText(faults);
  for (const name of [
    'minutes',
    'servers',
    'clients',
    'seed',
    'faults',
    'every-ms',
    'rate',
    'storage',
    'apache',
  ])
    expect(text).toContain(`--${name}`);
  for (const name of ['keep', 'check', 'expiry-slack-ms', 'clean']) expect(text).toContain(`--${name}`);
  for (const fault of faults) expect(text).toContain(fault);
  expect(readCommand(['--help'], faults)).toEqual({ word: 'help' });
});

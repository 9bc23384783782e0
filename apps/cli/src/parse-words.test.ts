import { describe, expect, it } from 'vitest';
import type { Command } from './command.ts';
import { parseWords } from './parse-words.ts';

const command: Command = {
  names: ['create'],
  group: 'zookeeper',
  usage: '[-s] [-e] [-t ttl] [--tag x] path [data]',
  summary: '',
  flags: [
    { name: '-s', summary: '' },
    { name: '-e', summary: '' },
    { name: '-t', value: 'ttl', summary: '' },
    { name: '--tag', value: 'x', summary: '', isRepeated: true },
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'data', kind: 'data', isOptional: true },
  ],
  run: () => Promise.resolve(),
};

describe('the words behind a command', () => {
  it.each([
    ['-s /a x', ['-s'], ['/a', 'x']],
    ['/a x -s', ['-s'], ['/a', 'x']],
    ['-s -s /a', ['-s'], ['/a']],
    ['-es /a', ['-e', '-s'], ['/a']],
    ['/a -1', [], ['/a', '-1']],
    ['/a -- -s', [], ['/a', '-s']],
    ['/a -', [], ['/a', '-']],
  ])('are flags and operands, in any order: %s', (text, flags, operands) => {
    const words = parseWords(command, text.split(' '));
    expect([flags.every((flag) => words.has(flag)), words.operands]).toEqual([true, operands]);
  });

  it.each([['-t 5 /a'], ['-t5 /a'], ['-t=5 /a'], ['-st5 /a'], ['/a -st 5']])(
    'give a flag its value: %s',
    (text) => {
      expect(parseWords(command, text.split(' ')).value('-t')).toBe('5');
    },
  );

  it('may give a flag several values, where it takes them', () => {
    expect(parseWords(command, ['--tag=a', '--tag', 'b', '/a']).values('--tag')).toEqual(['a', 'b']);
  });

  it.each([
    ['', 'path is missing'],
    ['/a b c', 'c is one word too many'],
    ['-x /a', '-x is no option of create'],
    ['/a -t', '-t wants a ttl'],
    ['-t 1 -t 2 /a', '-t is given twice'],
    ['--tga=x /a', '--tga is no option of create; did you mean --tag?'],
    ['--tag', '--tag wants a x'],
  ])('are refused with the usage: %s', (text, problem) => {
    expect(() =>
      parseWords(
        command,
        text.split(' ').filter((word) => word !== ''),
      ),
    ).toThrow(`${problem}\nusage: create [-s] [-e] [-t ttl] [--tag x] path [data]`);
  });
});

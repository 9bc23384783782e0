import { describe, expect, it } from 'vitest';
import { openQuoteOf, splitLine } from './split-line.ts';

describe('a line of the shell', () => {
  it.each<[string, readonly string[]]>([
    ['ls /', ['ls', '/']],
    ['  get   -s\t/a  ', ['get', '-s', '/a']],
    ['create /a "two words"', ['create', '/a', 'two words']],
    [`create /a 'it is "quoted"'`, ['create', '/a', 'it is "quoted"']],
    ['create /a ""', ['create', '/a', '']],
    ['create /a a"b"c', ['create', '/a', 'a"b"c']],
    ['create /a "one"two', ['create', '/a', 'one', 'two']],
    ['create /a "one\ntwo"', ['create', '/a', 'one\ntwo']],
    ['', []],
  ])('is taken apart as zkCli.sh does: %j', (line, words) => {
    expect(splitLine(line)).toEqual(words);
  });

  it.each<[string, string | undefined]>([
    ['create /a "one', '"'],
    ["create /a 'one", "'"],
    ['create /a "one" \'', "'"],
    ['create /a "one"', undefined],
    [`create /a it's`, undefined],
    ['ls /', undefined],
  ])('goes on in the next one where a quote is open: %j', (line, quote) => {
    expect(openQuoteOf(line)).toBe(quote);
  });
});

import { describe, expect, test } from 'vitest';
import { parseProperties } from './properties.ts';

function load(text: string): Record<string, string> {
  return Object.fromEntries(parseProperties(text).map(({ key, value }) => [key, value]));
}

/** Each right-hand side was printed by `java.util.Properties` of Java 17. */
describe('a file is read as java.util.Properties reads it', () => {
  test.each<[string, Record<string, string>]>([
    ['a=1', { a: '1' }],
    ['a = 1 ', { a: '1 ' }],
    ['a:1', { a: '1' }],
    ['a 1', { a: '1' }],
    ['a\t1', { a: '1' }],
    ['a', { a: '' }],
    ['a=', { a: '' }],
    ['=1', { '': '1' }],
    [':1', { '': '1' }],
    [' a = b=c', { a: 'b=c' }],
    ['a\\=b=c', { 'a=b': 'c' }],
    ['a\\ b c', { 'a b': 'c' }],
    ['#x=1\na=1', { a: '1' }],
    ['!x\na=1', { a: '1' }],
    ['  # x\na=1', { a: '1' }],
    ['a=1\\\n  2\nb=3', { a: '12', b: '3' }],
    ['a=1\\\\\nb=2', { a: '1\\', b: '2' }],
    ['a=1\\\r\n   2\r\nb=3\rc=4', { a: '12', b: '3', c: '4' }],
    ['a=\\u00e9\\t|\\n|\\q|\\\\', { a: '\u00e9\t|\n|q|\\' }],
    ['a=1\\', { a: '1' }],
    ['a\\\n =1', { a: '1' }],
    ['a=x\\\n\nb=2', { a: 'x', b: '2' }],
    ['a=x\\\n#y\nb=2', { a: 'x#y', b: '2' }],
    ['\n\n\fa=1', { a: '1' }],
    ['a==1', { a: '=1' }],
    ['a:=1', { a: '=1' }],
    ['a =:1', { a: ':1' }],
    ['a  :  = 1', { a: '= 1' }],
    ['a=1\na=2', { a: '2' }],
    ['a=\u00e9', { a: '\u00e9' }],
    ['#c\\\na=1', { a: '1' }],
    ['\\#a=1', { '#a': '1' }],
    ['a=#b', { a: '#b' }],
    ['a=b\\u0041\\\nc', { a: 'bAc' }],
    ['a b=c', { a: 'b=c' }],
    ['a\\:b:c', { 'a:b': 'c' }],
    ['\\u0061=1', { a: '1' }],
    ['a=1\\\r\n\r\nb=2', { a: '1', b: '2' }],
    ['a=\u0000b', { a: '\u0000b' }],
    ['a=1 \\\n 2', { a: '1 2' }],
    ['\\\na=1', { a: '1' }],
    ['a\\', { a: '' }],
    ['   ', {}],
    ['\\ =x', { ' ': 'x' }],
  ])('%j is %j', (text, properties) => {
    expect(load(text)).toEqual(properties);
  });

  test.each(['a=\\u12g4', 'a=\\u12', '\\u00zz=1', 'a=\\u'])('%j is malformed', (text) => {
    expect(() => load(text)).toThrow(String.raw`Malformed \uxxxx encoding.`);
  });
});

test('a property knows the line it begins on', () => {
  expect(parseProperties('# one\n\na=1\\\n2\r\nb=2').map(({ line }) => line)).toEqual([3, 5]);
});

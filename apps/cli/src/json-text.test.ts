import { describe, expect, it } from 'vitest';
import { parseJson, valueAt, withValueAt, writeJsonLike } from './json-text.ts';

describe('a JSON text', () => {
  it.each([
    '{"a":12345678901234567890,"b":1.50,"c":1e400,"d":-0,"e":0.1}',
    '{\n    "a": {\n        "b": []\n    }\n}\n',
    '[\n\t1,\n\t2\n]',
    '"text"\n',
    '{"__proto__":{"x":1}}',
  ])('is written as it was: %j', (text) => {
    expect(writeJsonLike(text, parseJson(text))).toBe(text);
  });

  // RFC 6901, section 5.
  it.each([
    ['', undefined],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/m~0n', 8],
    ['/foo/length', undefined],
    ['/toString', undefined],
  ])('has at %j what the RFC says', (pointer, value) => {
    const document = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'm~n': 8 };

    expect(valueAt(document, pointer)).toEqual(pointer === '' ? document : value);
  });

  it.each([
    ['/b', { a: [1], b: 9 }],
    ['/a/0', { a: [9] }],
    ['/a/-', { a: [1, 9] }],
    ['/a/1', { a: [1, 9] }],
    ['', 9],
  ])('takes another value at %j', (pointer, expected) => {
    expect(withValueAt({ a: [1] }, pointer, 9)).toEqual(expected);
  });

  it.each(['/a/2', '/a/01', '/a/x', '/none/x', 'a', '/~2'])('has nothing to take one at %j', (pointer) => {
    expect(() => withValueAt({ a: [1] }, pointer, 9)).toThrow(RangeError);
  });

  it('takes a name that objects have anyway', () => {
    const changed = withValueAt({}, '/__proto__', { polluted: true });

    expect(JSON.stringify(changed)).toBe('{"__proto__":{"polluted":true}}');
    expect('polluted' in {}).toBe(false);
  });
});

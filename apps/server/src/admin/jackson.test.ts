import { describe, expect, it } from 'vitest';
import { array, jackson, JavaNumber, JsonEntries, type JsonValue } from './jackson.ts';

describe('JSON in the form of Jackson', () => {
  it.each<[string, JsonValue, string]>([
    ['an object', { a: 1, b: 'x' }, '{\n  "a" : 1,\n  "b" : "x"\n}'],
    ['nothing in it', {}, '{ }'],
    ['an array', array([1, 'x', null]), '[ 1, "x", null ]'],
    ['an empty array', array([]), '[ ]'],
    [
      'objects in an array',
      { a: array([{ b: 1 }, { b: 2 }]) },
      '{\n  "a" : [ {\n    "b" : 1\n  }, {\n    "b" : 2\n  } ]\n}',
    ],
    ['a long', { id: 72059171572940800n }, '{\n  "id" : 72059171572940800\n}'],
    ['a double', { avg: new JavaNumber('0.0') }, '{\n  "avg" : 0.0\n}'],
    [
      'keys that look like numbers, in their order',
      new JsonEntries([
        ['9', 1],
        ['1', 2],
      ]),
      '{\n  "9" : 1,\n  "1" : 2\n}',
    ],
    ['what must be escaped', '"\n', '"\\"\\n"'],
  ])('writes %s', (_, value, text) => {
    expect([...jackson(value)].join('')).toBe(text);
  });
});

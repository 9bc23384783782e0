import { describe, expect, it } from 'vitest';
import { baseName, isValidPath, joinPath, parentPath, sequenceSuffix, validatePath } from './path.ts';

describe('a path', () => {
  it.each([
    ['/', 'the root'],
    ['/a', 'one name'],
    ['/a/b/c', 'several names'],
    ['/x y', 'a blank'],
    ['/...', 'three dots'],
    ['/.q', 'a name that begins with a dot'],
    ['/..q', 'a name that begins with two dots'],
    ['/q.', 'a name that ends with a dot'],
    ['/q..', 'a name that ends with two dots'],
    ['/a.b/c', 'a dot inside'],
    ['/__proto__/constructor', 'names that JavaScript knows'],
    ['/x~', 'U+007E, before the control characters'],
    ['/x\u{a0}', 'U+00A0, behind the control characters'],
    ['/x\u{d7ff}', 'U+D7FF, before the surrogates'],
    ['/x\u{f900}', 'U+F900, behind the private use area'],
    ['/x\u{ffef}', 'U+FFEF, before the specials'],
  ])('%j is valid: %s', (path) => {
    expect(validatePath(path)).toBeUndefined();
    expect(isValidPath(path)).toBe(true);
  });

  it.each([
    [null, 'the path is null'],
    ['', 'the path is empty'],
    ['a', 'the path does not begin with /'],
    ['a/b', 'the path does not begin with /'],
    ['//', 'the path ends with /'],
    ['/a/', 'the path ends with /'],
    ['/a//b', 'an empty name at 3'],
    ['//a', 'an empty name at 1'],
    ['/.', 'a relative name at 1'],
    ['/..', 'a relative name at 1'],
    ['/a/.', 'a relative name at 3'],
    ['/a/..', 'a relative name at 3'],
    ['/a/./b', 'a relative name at 3'],
    ['/a/../b', 'a relative name at 3'],
    ['/a\u{0}b', 'a forbidden character at 2'],
    ['/a\u{1}', 'a forbidden character at 2'],
    ['/a\u{1f}', 'a forbidden character at 2'],
    ['/a\u{7f}', 'a forbidden character at 2'],
    ['/a\u{9f}', 'a forbidden character at 2'],
    ['/a\u{d800}', 'a forbidden character at 2'],
    ['/a\u{dfff}', 'a forbidden character at 2'],
    ['/a\u{e000}', 'a forbidden character at 2'],
    ['/a\u{f8ff}', 'a forbidden character at 2'],
    ['/a\u{fff0}', 'a forbidden character at 2'],
    ['/a\u{fffd}', 'a forbidden character at 2'],
    ['/a\u{ffff}', 'a forbidden character at 2'],
    ['/😀', 'a forbidden character at 1'],
  ])('%j is refused: %s', (path, reason) => {
    expect(validatePath(path)).toBe(reason);
    expect(isValidPath(path)).toBe(false);
  });

  it('of a megabyte or of 200,000 levels is judged like any other', () => {
    expect(isValidPath(`/${'a'.repeat(1 << 20)}`)).toBe(true);
    expect(isValidPath('/a'.repeat(200_000))).toBe(true);
    expect(validatePath(`${'/a'.repeat(200_000)}/..`)).toBe('a relative name at 400001');
  });
});

describe('the parts of a path', () => {
  it.each([
    ['/a/b', '/a', 'b'],
    ['/a', '/', 'a'],
    ['/', '/', ''],
    ['/a/b/c', '/a/b', 'c'],
  ])('%s lies under %s and is called "%s"', (path, parent, name) => {
    expect(parentPath(path)).toBe(parent);
    expect(baseName(path)).toBe(name);
    expect(joinPath(parent, name)).toBe(path);
  });

  it('the root may be written as "" when a name is put behind it', () => {
    expect(joinPath('', 'a')).toBe('/a');
  });
});

it.each([
  [0, '0000000000'],
  [3, '0000000003'],
  [2_147_483_647, '2147483647'],
  [-1, '-000000001'],
  [-999_999_999, '-999999999'],
  [-2_147_483_648, '-2147483648'],
])('the sequence number %i is written as Java formats %%010d: %s', (counter, suffix) => {
  expect(sequenceSuffix(counter)).toBe(suffix);
});

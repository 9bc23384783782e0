import { describe, expect, it } from 'vitest';
import { pathPattern } from './path-pattern.ts';

describe('a pattern of paths', () => {
  it.each([
    ['lock-*', '/a/lock-1', true],
    ['lock-*', '/a/my-lock-1', false],
    ['lock-?', '/lock-12', false],
    ['*', '/any', true],
    ['/a/*', '/a/b', true],
    ['/a/*', '/a/b/c', false],
    ['/a/**', '/a/b/c', true],
    ['**/config', '/x/y/config', true],
    ['a.b', '/a.b', true],
    ['a.b', '/aXb', false],
    ['(x|y)[1]{2}+$^\\', '/(x|y)[1]{2}+$^\\', true],
    ['?', '/\u{1F411}', true],
    ['A', '/a', false],
  ])('%s, of %s: %s', (pattern, path, isMeant) => {
    expect(pathPattern(pattern, false)(path)).toBe(isMeant);
  });

  it('may leave the case of letters alone', () => {
    expect(pathPattern('A*', true)('/abc')).toBe(true);
  });
});

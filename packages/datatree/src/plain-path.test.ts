import { isValidPath } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { Random } from '../test/random.ts';
import { lastSlashOfPlainPath } from './plain-path.ts';

describe('the last slash of a plain path', () => {
  it.each(['/a', '/a/b', '/a.b/c..', '/ /~', '/zookeepe/r', '/a/zookeeper'])('is found in %j', (path) => {
    expect(lastSlashIn(path)).toBe(path.lastIndexOf('/'));
  });

  it.each([
    ['', 'is empty'],
    ['/', 'is the root'],
    ['a', 'begins with no slash'],
    ['/a/', 'ends with a slash'],
    ['/a//b', 'has an empty name'],
    ['/a/./b', 'is relative'],
    ['/a/.b', 'has a name that begins with a dot'],
    ['/a\x1fb', 'has a control character'],
    ['/a\x7fb', 'has a delete character'],
    ['/é', 'is not ASCII'],
    ['/zookeeper', "is the server's own"],
    ['/zookeeper/quota/a', "is below the server's own"],
    ['/zookeeper2', "begins like the server's own"],
  ])('is none in %j, which %s', (path) => {
    expect(lastSlashIn(path)).toBe(-1);
  });

  it('is found in valid paths only', () => {
    const random = new Random(5);
    let found = 0;
    for (let i = 0; i < 20_000; i++) {
      const path = `/${Array.from({ length: random.below(8) }, () => random.pick(LETTERS)).join('')}`;
      if (lastSlashIn(path) < 0) continue;
      found++;
      expect(isValidPath(path)).toBe(true);
      expect(lastSlashIn(path)).toBe(path.lastIndexOf('/'));
    }
    expect(found).toBeGreaterThan(500);
  });

  it('is looked for between start and end only', () => {
    const bytes = new TextEncoder().encode('//a/b/');
    expect(lastSlashOfPlainPath(bytes, 1, 5)).toBe(3);
    expect(lastSlashOfPlainPath(bytes, 0, 5)).toBe(-1);
    expect(lastSlashOfPlainPath(bytes, 1, 6)).toBe(-1);
  });
});

function lastSlashIn(path: string): number {
  const bytes = new TextEncoder().encode(path);
  return lastSlashOfPlainPath(bytes, 0, bytes.length);
}

const LETTERS = ['/', '.', 'a', '\x1f', '\x7f', 'é', ' '];

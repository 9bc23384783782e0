import { expect, describe, it } from 'vitest';
import { lineDiff } from './line-diff.ts';

describe('the difference of two texts', () => {
  it.each([
    ['a\nb', 'a\nb', []],
    ['', 'a', ['-', '+a']],
    ['a\nb\nc\nd', 'a\nx\nc', ['-b', '+x', '-d']],
    ['a\nb\na\nb', 'b\na', ['-a', '-b']],
    ['a\na', 'a\na\na', ['+a']],
  ])('from %j to %j', (before, after, lines) => {
    expect(lineDiff(before, after).map(({ sign, text }) => sign + text)).toEqual(lines);
  });

  it('is one block where there is too much to compare', () => {
    const a = Array.from({ length: 1500 }, (_, i) => `a${i}`);
    const b = a.map((line, i) => (i % 2 === 0 ? line : `b${i}`));

    const lines = lineDiff(a.join('\n'), `${b.join('\n')}\nlast`);

    // The first line is the same.
    expect(lines.map(({ sign }) => sign).join('')).toBe('-'.repeat(1499) + '+'.repeat(1500));
  });
});

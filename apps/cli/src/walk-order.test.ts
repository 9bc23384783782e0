import { describe, expect, it } from 'vitest';
import { compareInWalk, merged } from './walk-order.ts';

describe('the order of a walk', () => {
  it('has all below a node before its next sibling, whatever letters the names have', () => {
    const walk = ['/', '/a', '/a/b', '/a/b/c', '/a/b!', '/a b', '/a-b', '/a-b/c', '/ä'];

    expect(walk.toReversed().toSorted(compareInWalk)).toEqual(walk);
  });

  it('brings the nodes of two walks together', async () => {
    const pairs = await Array.fromAsync(merged(of('/', '/a', '/a/b', '/c'), of('/', '/a', '/a-b', '/c')));

    expect(pairs.map(([a, b]) => [a?.path, b?.path])).toEqual([
      ['/', '/'],
      ['/a', '/a'],
      ['/a/b', undefined],
      [undefined, '/a-b'],
      ['/c', '/c'],
    ]);
  });

  it('takes no nodes that are in another order', async () => {
    await expect(Array.fromAsync(merged(of('/', '/b', '/a'), of('/')))).rejects.toThrow(
      '/a stands behind /b',
    );
    await expect(Array.fromAsync(merged(of('/', '/a', '/a'), of('/')))).rejects.toThrow(
      '/a stands behind /a',
    );
  });

  async function* of(...paths: readonly string[]): AsyncGenerator<{ readonly path: string }, undefined> {
    for (const path of paths) yield { path };
    return undefined;
  }
});

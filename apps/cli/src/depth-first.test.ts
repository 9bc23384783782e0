import { NoNodeError } from '@corral/client';
import { ErrorCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { depthFirst } from './depth-first.ts';

describe('a tree, depth first', () => {
  it('is told children first, then what is below each, without what has gone', async () => {
    const tree: Readonly<Record<string, readonly string[]>> = {
      '/': ['b', 'a'],
      '/a': ['z', 'y'],
      '/b': ['x'],
      '/b/x': [],
      '/a/y': ['deep'],
      '/a/y/deep': [],
    };

    const told: string[] = [];
    const childrenOf = (path: string): Promise<readonly string[]> =>
      tree[path] === undefined
        ? Promise.reject(new NoNodeError(ErrorCode.NONODE, 'getChildren', path))
        : Promise.resolve(tree[path]);
    for await (const paths of depthFirst('/', childrenOf)) told.push(...paths);

    expect(told).toEqual(['/a', '/b', '/a/y', '/a/z', '/a/y/deep', '/b/x']);
  });

  it('asks ahead, and not for everything at once', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => String(i));
    let asked = 0;
    let most = 0;

    const visits = depthFirst('/', async (path) => {
      most = Math.max(most, ++asked);
      await Promise.resolve();
      return path === '/' ? names : [];
    });
    const first = await visits.next();

    expect(first.value).toHaveLength(1000);
    expect([most > 100, most < 300]).toEqual([true, true]);
    await visits.return(undefined);
  });
});

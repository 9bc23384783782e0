import { expect, test } from 'vitest';
import { environmentOf } from './machine.ts';

test('of Java there is nothing to say: its names stay, for those who look for them', () => {
  const java = environmentOf().filter(([name]) => name.startsWith('java.') && name !== 'java.io.tmpdir');

  expect(java.map(([name]) => name)).toEqual([
    'java.version',
    'java.vendor',
    'java.home',
    'java.class.path',
    'java.library.path',
    'java.compiler',
  ]);
  expect(new Set(java.map(([, value]) => value))).toEqual(new Set(['<NA>']));
});

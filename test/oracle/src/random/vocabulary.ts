import { createHash } from 'node:crypto';
import type { Acl, Text } from '../wire/operation.ts';
import type { Dice } from './dice.ts';

/** What random requests are made of: few paths, so that they meet, and a share of everything odd. */

export const users: readonly string[] = ['bob:secret', 'ann:pass', 'eve:'];

export function digestId(user: string): string {
  const name = user.slice(0, user.indexOf(':'));
  return `${name}:${createHash('sha1').update(user).digest('base64')}`;
}

const names = ['a', 'b', 'c', 'd'];
const oddPaths: readonly Text[] = [
  null,
  '',
  'x',
  '//',
  '/a/',
  '/a//b',
  '/a/./b',
  '/a/..',
  '/a\u0000b',
  '/a\u0001',
  '/\u009f',
  '/\ue000',
  '/\ufff0',
  '/\u{1f600}',
  '/x/y/z/missing',
];
const systemPaths: readonly string[] = [
  '/',
  '/zookeeper',
  '/zookeeper/config',
  '/zookeeper/quota',
  '/zookeeper/quota/a',
  '/zookeeper/quota/a/zookeeper_limits',
  '/zookeeper/quota/a/zookeeper_stats',
];

export function aPath(dice: Dice): Text {
  const roll = dice.below(100);
  if (roll < 3) return dice.pick(oddPaths);
  if (roll < 6) return dice.pick(systemPaths);
  if (roll < 7) return '/\u00e9t\u00e9';
  return plainPath(dice);
}

export function plainPath(dice: Dice): string {
  const depth = dice.weighted([
    [5, 1],
    [4, 2],
    [2, 3],
  ]);
  let path = '';
  for (let i = 0; i < depth; i++) path += `/${dice.pick(names)}`;
  if (dice.chance(0.12)) path += `/s${String(dice.below(12)).padStart(10, '0')}`;
  return path;
}

/**
 * Where nothing but containers is ever made: of other nodes Corral deletes none as a container, Apache does
 * (DIVERGENCE, "deleteContainer sent by a client").
 */
export function containerPath(dice: Dice): Text {
  return dice.chance(0.1) ? dice.pick(oddPaths) : `/k${dice.below(3)}`;
}

/** Where a sequential node is asked for: the prefix may end in a slash. */
export function prefixPath(dice: Dice): Text {
  const path = aPath(dice);
  if (path === null) return path;
  return path + dice.pick(['/s', '/s', '/s', '', '/']);
}

export function someData(dice: Dice): Text {
  return dice.weighted<Text>([
    [2, null],
    [2, ''],
    [6, `v${dice.below(1000)}`],
    [1, 'é\u{1f600}'],
    [1, 'x'.repeat(dice.below(3000))],
  ]);
}

export function aVersion(dice: Dice): number {
  return dice.weighted([
    [6, -1],
    [3, 0],
    [2, 1],
    [2, 2],
    [1, 3],
    [0.3, -2],
    [0.3, 0x7fffffff],
  ]);
}

export const openAcl: Acl = [[31, 'world', 'anyone']];

export function anAcl(dice: Dice): Acl {
  const roll = dice.below(100);
  if (roll < 70) return openAcl;
  if (roll < 96) return Array.from({ length: dice.between(1, 3) }, () => soundEntry(dice));
  return dice.pick<Acl>([
    null,
    [],
    [[31, 'world', 'nobody']],
    [[31, 'nonsense', 'x']],
    [[31, null, 'x']],
    [[31, 'digest', 'no-colon']],
    [[31, 'digest', 'a:b:c']],
    [[31, 'ip', 'not an address']],
    [[31, 'ip', '10.0.0.0/33']],
    [
      [31, 'world', 'anyone'],
      [31, 'nonsense', 'x'],
    ],
  ]);
}

function soundEntry(dice: Dice): readonly [number, string, string] {
  const perms = dice.pick([31, 31, 31, 1, 2, 3, 4, 8, 16, 15, 30, 0, 63]);
  const [scheme, id] = dice.pick([
    ['world', 'anyone'],
    ['world', 'anyone'],
    ['auth', ''],
    ['auth', ''],
    ['digest', digestId(dice.pick(users))],
    ['ip', '127.0.0.1'],
    ['ip', '127.0.0.0/8'],
    ['ip', '10.1.2.3'],
  ] as const);
  return [perms, scheme, id];
}

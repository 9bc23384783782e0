import { describe, expect, it } from 'vitest';
import { parseConnectString } from './index.ts';

describe('a connect string', () => {
  it.each([
    ['one', [['one', 2181]], '/'],
    [
      'one:1,two:2/a/b',
      [
        ['one', 1],
        ['two', 2],
      ],
      '/a/b',
    ],
    [
      ' one , two:2182 /',
      [
        ['one', 2181],
        ['two', 2182],
      ],
      '/',
    ],
    [
      '[::1]:2181,[fe80::1%eth0]',
      [
        ['::1', 2181],
        ['fe80::1%eth0', 2181],
      ],
      '/',
    ],
  ] as const)('%s', (text, servers, chroot) => {
    const parsed = parseConnectString(text);

    expect(parsed.servers.map(({ host, port }) => [host, port])).toEqual(servers);
    expect(parsed.chroot).toBe(chroot);
  });

  it.each([
    [''],
    [','],
    ['one:0'],
    ['one:70000'],
    ['one:x'],
    ['[::1'],
    ['::1'],
    ['a b'],
    ['one/a/'],
    ['one//a'],
  ])('"%s" is refused', (text) => {
    expect(() => parseConnectString(text)).toThrow(RangeError);
  });
});

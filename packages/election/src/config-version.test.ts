import { describe, expect, it } from 'vitest';
import { versionOfConfig } from './config-version.ts';

describe('the version of a configuration text', () => {
  it.each([
    ['server.1=a:1:2:participant;3\nversion=100000000', 0x1_0000_0000],
    ['version=0', 0],
    ['version=1\nserver.1=a:1:2\nversion=2', 2],
    ['version=1\nversion=ff\n', 0xff],
    ['server.1=a:1:2\nversion=1fffffffffffff', Number.MAX_SAFE_INTEGER],
  ])('%j has %d', (text, version) => {
    expect(versionOfConfig(text)).toBe(version);
  });

  it.each([
    [''],
    ['server.1=a:1:2'],
    ['myversion=5'],
    ['version='],
    ['version=xyz'],
    ['version=-1'],
    ['version=20000000000000'],
    ['version=100000000000000000'],
    [`version=${'f'.repeat(100_000)}`],
  ])('%.40j has none that is one', (text) => {
    expect(versionOfConfig(text)).toBeUndefined();
  });
});

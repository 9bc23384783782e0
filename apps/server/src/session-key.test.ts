import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sessionKey, sharedSessionKey } from './session-key.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'corral-key-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('a key is made once, for its owner only, and then kept', () => {
  const key = sessionKey(folder);
  expect(key.length).toBe(32);
  expect(statSync(join(folder, 'session.key')).mode & 0o777).toBe(0o600);
  expect(sessionKey(folder)).toEqual(key);
  expect(readdirSync(folder)).toEqual(['session.key']);
});

test('two data directories have two keys', () => {
  const other = mkdtempSync(join(tmpdir(), 'corral-key-'));
  try {
    expect(sessionKey(other)).not.toEqual(sessionKey(folder));
  } finally {
    rmSync(other, { recursive: true });
  }
});

test('a file that is no key is refused, not replaced', () => {
  writeFileSync(join(folder, 'session.key'), 'short', { mode: 0o600 });
  expect(() => sessionKey(folder)).toThrow('session.key holds 5 bytes and not a key of 32');
});

test('a key that others may read is refused', () => {
  sessionKey(folder);
  chmodSync(join(folder, 'session.key'), 0o644);
  expect(() => sessionKey(folder)).toThrow('may be read or written by others than its owner');
});

test('a directory that takes no file is named', () => {
  const nowhere = join(folder, 'nowhere');
  expect(() => sessionKey(nowhere)).toThrow(`cannot make ${nowhere}/session.key: ENOENT`);
});

test('the key of an ensemble is never made: it must be there, the same for all', () => {
  expect(() => sharedSessionKey(folder)).toThrow(`needs ${folder}/session.key with the same 32 random bytes`);
  const key = sessionKey(folder);
  expect(sharedSessionKey(folder)).toEqual(key);
});

import { expect, test } from 'vitest';
import { bytes } from '../test/replica.ts';
import { PathHash } from './path-hash.ts';

test('a hash depends on the bytes alone, not on where in a buffer they lie', () => {
  const hash = new PathHash([1, 2]);
  const path = bytes('/some/path')!;
  const buffer = new Uint8Array(64).fill(0xff);
  for (let at = 0; at < 8; at++) {
    buffer.set(path, at);
    expect(hash.of(buffer, at, at + path.length)).toBe(hash.of(path, 0, path.length));
    buffer.fill(0xff);
  }
});

test('every byte and the length count', () => {
  const hash = new PathHash([1, 2]);
  const seen = new Set<number>();
  for (let length = 0; length < 20; length++) seen.add(hash.of(new Uint8Array(20), 0, length));
  for (let i = 0; i < 20; i++) {
    const path = new Uint8Array(20);
    path[i] = 1;
    seen.add(hash.of(path, 0, 20));
  }
  expect(seen.size).toBe(40);
});

test('paths that collide under one key do not under another: without the key nobody can choose them', () => {
  const paths = Array.from({ length: 4000 }, (_, i) => bytes(`/n${i}`)!);
  const shortHash = (key: [number, number], path: Uint8Array) =>
    new PathHash(key).of(path, 0, path.length) >>> 22;
  const target = shortHash([1, 2], paths[0]!);
  const colliding = paths.filter((path) => shortHash([1, 2], path) === target);
  expect(colliding.length).toBeGreaterThan(1);
  expect(new Set(colliding.map((path) => shortHash([3, 4], path))).size).toBe(colliding.length);
});

test('hashes of names that count up fill a table evenly', () => {
  const hash = new PathHash([0x1234, 0x5678]);
  const slots = new Uint32Array(256);
  for (let i = 0; i < 25_600; i++) {
    const path = bytes(`/app/task-${i}`)!;
    slots[hash.of(path, 0, path.length) >>> 24]!++;
  }
  expect(Math.max(...slots)).toBeLessThan(150);
  expect(Math.min(...slots)).toBeGreaterThan(60);
});

import { expect, test } from 'vitest';
import { Random } from '../test/random.ts';
import { offsetOf, Slab } from './slab.ts';

const MIB = 1024 * 1024;

test('blocks keep their bytes while others come and go', () => {
  const random = new Random(1);
  const slab = new Slab();
  const kept = new Map<number, Uint8Array>();
  let wrong = 0;
  for (let i = 0; i < 20_000; i++) {
    if (kept.size > 200 || (kept.size > 0 && random.below(5) < 2)) {
      const [ref, data] = [...kept].at(random.below(kept.size))!;
      if (!holds(slab, ref, data)) wrong++;
      slab.free(ref);
      kept.delete(ref);
    } else {
      const data = new Uint8Array(1 + random.pick([3, 8, 100, 513, 4000, 70_000])).fill(i);
      const ref = slab.store(data, 0, data.length);
      if (kept.has(ref)) wrong++;
      kept.set(ref, data);
    }
  }
  expect(wrong).toBe(0);
  expect([...kept].every(([ref, data]) => holds(slab, ref, data))).toBe(true);
});

test('nothing takes no block', () => {
  const slab = new Slab();
  expect(slab.store(new Uint8Array(4), 2, 2)).toBe(0);
  slab.free(0);
  expect(slab.capacity).toBe(0);
});

test('memory that one size has given back serves every other size', () => {
  const slab = new Slab();
  for (const length of [8, 100, 600, 5000, 60_000]) {
    const refs = Array.from({ length: (8 * MIB) / length }, () => slab.allocate(length));
    for (const ref of refs) slab.free(ref);
  }
  expect(slab.capacity).toBeLessThanOrEqual(4 * MIB);
});

test('a block of a page of its own goes back to the system at once', () => {
  const slab = new Slab();
  const ref = slab.allocate(5 * MIB);
  expect(slab.capacity).toBe(5 * MIB);
  slab.free(ref);
  expect(slab.capacity).toBe(0);
});

test('a block is never shorter than asked for, and at most a quarter longer above 8 bytes', () => {
  for (let length = 1; length <= 70_000; length += length < 600 ? 1 : 97) {
    const slab = new Slab();
    const refs = [slab.allocate(length), slab.allocate(length)];
    const [first, second] = refs.map((ref) => offsetOf(ref)) as [number, number];
    if (slab.bytesOf(refs[0]!) !== slab.bytesOf(refs[1]!)) continue;
    expect(second - first).toBeGreaterThanOrEqual(length);
    expect(second - first).toBeLessThanOrEqual(Math.max(length + 7, length * 1.25));
  }
});

test('lengths of one size class may share a block, others may not', () => {
  expect(Slab.isSameSize(97, 104)).toBe(true);
  expect(Slab.isSameSize(104, 105)).toBe(false);
  expect(Slab.isSameSize(0, 1)).toBe(false);
  expect(Slab.isSameSize(70_000, 70_000)).toBe(true);
  expect(Slab.isSameSize(70_000, 70_001)).toBe(false);
});

function holds(slab: Slab, ref: number, data: Uint8Array): boolean {
  return Buffer.compare(slab.bytesOf(ref).subarray(offsetOf(ref), offsetOf(ref) + data.length), data) === 0;
}

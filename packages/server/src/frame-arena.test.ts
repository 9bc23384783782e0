import { expect, it } from 'vitest';
import { FrameArena } from './frame-arena.ts';

it('copies stay as they were, whatever comes after them', () => {
  const arena = new FrameArena();
  const copies: { bytes: Uint8Array; at: number; length: number; fill: number }[] = [];

  for (let i = 0; i < 100; i++) {
    const length = (i * 977) % 9000;
    const source = new Uint8Array(length + 10).fill(i);
    const at = arena.copy(source, 5, 5 + length);
    copies.push({ bytes: arena.bytes, at, length, fill: i });
    source.fill(255);
  }

  for (const { bytes, at, length, fill } of copies) {
    expect(bytes.subarray(at, at + length).every((byte) => byte === fill)).toBe(true);
  }
});

it('a frame larger than a buffer has one of its own', () => {
  const arena = new FrameArena();
  const large = new Uint8Array(1_000_000).fill(3);

  const at = arena.copy(large, 0, large.length);

  expect(arena.bytes.subarray(at, at + large.length)).toEqual(large);
});

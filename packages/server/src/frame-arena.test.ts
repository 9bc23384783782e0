import { expect, it } from 'vitest';
import { FrameArena } from './frame-arena.ts';

it('frames stay as they were, whatever comes after them', () => {
  const arena = new FrameArena();
  const kept: { bytes: Uint8Array; at: number; length: number; fill: number }[] = [];
  const network = new Uint8Array(20_000);

  for (let turn = 0; turn < 100; turn++) {
    arena.begin();
    const length = (turn * 977) % 9000;
    network.fill(turn);
    const at = arena.keep(network, 5, 5 + length);
    kept.push({ bytes: arena.bytes, at, length, fill: turn });
  }

  for (const { bytes, at, length, fill } of kept) {
    expect(bytes.subarray(at, at + length).every((byte) => byte === fill)).toBe(true);
  }
});

it('frames of one turn are told apart, however many there are', () => {
  const arena = new FrameArena();
  const network = Uint8Array.from({ length: 60_000 }, (_, i) => i % 251);
  arena.begin();

  for (let start = 0; start + 700 <= network.length; start += 613) {
    const at = arena.keep(network, start, start + 700);
    expect(arena.bytes.subarray(at, at + 700)).toEqual(network.subarray(start, start + 700));
  }
});

it('a frame that lies in another buffer of the same turn is another one', () => {
  const arena = new FrameArena();
  arena.begin();
  arena.keep(new Uint8Array(100).fill(1), 0, 50);

  const at = arena.keep(new Uint8Array(100).fill(2), 0, 50);

  expect(arena.bytes[at]).toBe(2);
});

it('a frame larger than a buffer has one of its own', () => {
  const arena = new FrameArena();
  const large = new Uint8Array(1_000_000).fill(3);

  const at = arena.keep(large, 0, large.length);

  expect(arena.bytes.subarray(at, at + large.length)).toEqual(large);
});

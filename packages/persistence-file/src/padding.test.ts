import { expect, test } from 'vitest';
import { paddedLength } from './padding.ts';

const MIB = 1 << 20;

// Read off a running Apache 3.9.5 and FilePadding's own test.
test.each([
  ['the first file', 16, 16, 64 * MIB, 64 * MIB + 16],
  ['far from the end', 10_000, 64 * MIB + 16, 64 * MIB, 64 * MIB + 16],
  ['one byte more than 4 KiB from the end', 64 * MIB + 16 - 4097, 64 * MIB + 16, 64 * MIB, 64 * MIB + 16],
  ['4 KiB from the end', 64 * MIB + 16 - 4096, 64 * MIB + 16, 64 * MIB, 128 * MIB + 16],
  ['at the end', 64 * MIB + 16, 64 * MIB + 16, 64 * MIB, 128 * MIB + 16],
  ['beyond the end: a multiple again', 70 * MIB, 64 * MIB + 16, 64 * MIB, 128 * MIB],
  ['no preallocation', 16, 16, 0, 16],
])(
  '%s: at %i of %i, by %i, the file becomes %i long',
  (_what, position, fileBytes, preAllocBytes, expected) => {
    expect(paddedLength(position, fileBytes, preAllocBytes)).toBe(expected);
  },
);

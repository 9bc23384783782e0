import { describe, expect, it } from 'vitest';
import { Dice } from './dice.ts';
import { inputOf } from './input.ts';
import { targets } from './targets/index.ts';

describe.each(targets)('inputs of $name', (target) => {
  it('follow from seed and index alone, and leave what they were made of as it was', async () => {
    await target.prepare?.();

    const first = Array.from({ length: 60 }, (_, index) => inputOf(target, 7, index));
    const again = Array.from({ length: 60 }, (_, index) => inputOf(target, 7, index));

    // A slice of a Buffer would share its bytes.
    expect(target.valid(new Dice(7, target.name, 0)).slice.name).toBe(Uint8Array.prototype.slice.name);
    expect(first.every((bytes, index) => Buffer.compare(bytes, again[index]!) === 0)).toBe(true);
  });
});

import { expect, it } from 'vitest';
import { OutputPool } from './output-pool.ts';

it('lends what was given back, empty', () => {
  const pool = new OutputPool();
  const writer = pool.borrow();
  writer.writeInt(1);

  pool.giveBack(writer);

  expect(pool.borrow()).toBe(writer);
  expect(writer.length).toBe(0);
});

it('lends nobody what another still has', () => {
  const pool = new OutputPool();
  const lent = new Set(Array.from({ length: 3000 }, () => pool.borrow()));
  expect(lent.size).toBe(3000);

  for (const writer of lent) pool.giveBack(writer);

  expect(new Set(Array.from({ length: 3000 }, () => pool.borrow())).size).toBe(3000);
});

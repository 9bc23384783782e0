import { toZxid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { RecordOrder } from './record-order.ts';

describe('the order of records in a log', () => {
  it('goes forward with every higher zxid', () => {
    const order = new RecordOrder();

    expect([1, 2, 5].map((zxid) => order.next(toZxid(zxid), 7, false))).toEqual([
      'forward',
      'forward',
      'forward',
    ]);
  });

  it('knows a record that comes again byte for byte', () => {
    const order = new RecordOrder();
    order.next(toZxid(1), 7, false);
    order.next(toZxid(2), 8, false);

    expect(order.next(toZxid(1), 7, false)).toBe('repeat');
  });

  it('passes over the error that Apache 3.9 logs under the zxid before it', () => {
    const order = new RecordOrder();
    order.next(toZxid(1), 7, false);

    expect(order.next(toZxid(1), 8, true)).toBe('repeat');
  });

  it('calls anything else with an earlier zxid backwards', () => {
    const order = new RecordOrder();
    order.next(toZxid(1), 7, false);
    order.next(toZxid(2), 8, false);

    expect(order.next(toZxid(2), 9, false)).toBe('backwards');
    expect(order.next(toZxid(1), 9, true)).toBe('backwards');
  });

  it('goes on from the highest after a repeat', () => {
    const order = new RecordOrder();
    for (const zxid of [1, 2, 3]) order.next(toZxid(zxid), zxid * 10, false);

    expect(order.next(toZxid(2), 20, false)).toBe('repeat');
    expect(order.next(toZxid(4), 40, false)).toBe('forward');
  });

  it('recognises a record 4095 zxids back, and not for ever', () => {
    const order = new RecordOrder();
    for (let zxid = 1; zxid <= 5000; zxid++) order.next(toZxid(zxid), zxid, false);

    expect(order.next(toZxid(5000 - 4095), 5000 - 4095, false)).toBe('repeat');
    expect(order.next(toZxid(5000 - 4096), 5000 - 4096, false)).toBe('backwards');
  });
});

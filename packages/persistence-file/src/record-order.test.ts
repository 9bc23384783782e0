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
});

import { JuteWriter } from '@corral/jute';
import { describe, expect, it } from 'vitest';
import { ascii, failureOf, hex, unnamedFailures } from '../test/records.ts';
import {
  INITIAL_MESSAGE_ADDRESSES_MAX,
  type InitialMessage,
  InitialMessageReader,
  writeInitialMessage,
} from './initial-message.ts';

const ONE_ADDRESS = `
  ffffffffffff0000  version: -65536
  0000000000000002  sid
  0000000e          address: 14 bytes
  3132372e302e302e313a33383838  "127.0.0.1:3888"`;

const TWO_ADDRESSES = `
  ffffffffffff0001  version: -65535
  0000000000000002  sid
  00000010          addresses: 16 bytes
  613a317c5b323030313a3a315d3a3338  "a:1|[2001::1]:38"`;

describe('an initial message', () => {
  it.each<[string, string, InitialMessage]>([
    ['names one address', ONE_ADDRESS, { sid: 2, addresses: [{ host: '127.0.0.1', port: 3888 }] }],
    [
      'of 3.6 and later names several, IPv6 in brackets',
      TWO_ADDRESSES,
      {
        sid: 2,
        addresses: [
          { host: 'a', port: 1 },
          { host: '2001::1', port: 38 },
        ],
      },
    ],
    ['from before 3.5 is the id alone', '0000000000000007  sid', { sid: 7, addresses: [] }],
    ['of a server 0 from before 3.5 is eight zeros', '0000000000000000  sid', { sid: 0, addresses: [] }],
    [
      'of an observer without an id from before 3.5',
      '7fffffffffffffff  Long.MAX_VALUE',
      { sid: undefined, addresses: [] },
    ],
    [
      'of an observer without an id',
      ONE_ADDRESS.replace('0000000000000002', '7fffffffffffffff'),
      { sid: undefined, addresses: [{ host: '127.0.0.1', port: 3888 }] },
    ],
    [
      'of an observer with the first id of all',
      ONE_ADDRESS.replace('0000000000000002', 'ffffffffffffffff'),
      { sid: undefined, addresses: [{ host: '127.0.0.1', port: 3888 }] },
    ],
  ])('%s', (_what, bytes, message) => {
    expect(new InitialMessageReader().push(hex(bytes))).toStrictEqual(message);
  });

  it('that comes byte by byte is the same', () => {
    for (const text of [ONE_ADDRESS, TWO_ADDRESSES]) {
      const reader = new InitialMessageReader();
      const bytes = hex(text);
      for (const byte of bytes.subarray(0, -1)) expect(reader.push(Uint8Array.of(byte))).toBeUndefined();
      expect(reader.push(bytes.subarray(-1))).toStrictEqual(new InitialMessageReader().push(bytes));
      expect(reader.rest()).toHaveLength(0);
    }
  });

  it.each([
    ['since 3.5', hex(ONE_ADDRESS)],
    ['from before 3.5', hex('0000000000000007')],
  ])('%s ends where its fields end: what comes behind is handed on', (_what, bytes) => {
    const behind = ascii('frames');
    for (let cut = 0; cut < bytes.length; cut++) {
      const reader = new InitialMessageReader();
      expect(reader.push(bytes.subarray(0, cut))).toBeUndefined();
      expect(reader.push(Uint8Array.of(...bytes.subarray(cut), ...behind))).toBeDefined();
      expect(reader.rest(), `cut at ${cut}`).toEqual(behind);
    }
  });

  it('may be as long as Apache takes, with thousands of bytes behind it', () => {
    const host = 'h'.repeat(INITIAL_MESSAGE_ADDRESSES_MAX - 2);
    const reader = new InitialMessageReader();
    const bytes = Uint8Array.of(
      ...hex('ffffffffffff0000 0000000000000001 00000800'.replaceAll(' ', '')),
      ...ascii(`${host}:1`),
    );
    const message = reader.push(Uint8Array.of(...bytes, ...new Uint8Array(5000)));
    expect(message?.addresses).toEqual([{ host, port: 1 }]);
    expect(reader.rest()).toHaveLength(5000);
  });

  it.each(['0.0.0.0:3888', '[::]:3888', '[0:0:0:0:0:0:0:0]:3888'])(
    'that names all addresses of a machine (%s) names none',
    (address) => {
      expect(new InitialMessageReader().push(withAddresses(address))).toEqual({ sid: 1, addresses: [] });
    },
  );

  it.each([
    [ONE_ADDRESS, { sid: 2, addresses: [{ host: '127.0.0.1', port: 3888 }] }, false],
    [
      TWO_ADDRESSES,
      {
        sid: 2,
        addresses: [
          { host: 'a', port: 1 },
          { host: '2001::1', port: 38 },
        ],
      },
      true,
    ],
    [
      ONE_ADDRESS.replace('0000000000000002', '7fffffffffffffff'),
      {
        sid: undefined,
        addresses: [
          { host: '127.0.0.1', port: 3888 },
          { host: 'not.sent', port: 1 },
        ],
      },
      false,
    ],
  ])('is written as captioned: %s', (bytes, message, isMultiAddress) => {
    const w = new JuteWriter();
    writeInitialMessage(w, message, isMultiAddress);
    expect(w.copy()).toEqual(hex(bytes));
  });
});

describe('an initial message is refused', () => {
  it.each([
    ['of an unknown version', 'fffffffffffffffe', 'BAD_VALUE', 0],
    ['of the smallest version', '8000000000000000', 'BAD_VALUE', 0],
    ['from a sid below zero', ONE_ADDRESS.replace('0000000000000002', 'fffffffffffffffe'), 'OUT_OF_RANGE', 8],
    [
      'from a sid that no number holds',
      ONE_ADDRESS.replace('0000000000000002', '7ffffffffffffffe'),
      'OUT_OF_RANGE',
      8,
    ],
    ['from such a sid before 3.5', '7ffffffffffffffe', 'OUT_OF_RANGE', 0],
    ['with no addresses', ONE_ADDRESS.replace('0000000e ', '00000000 '), 'BAD_LENGTH', 16],
    ['with fewer than none', ONE_ADDRESS.replace('0000000e ', 'ffffffff '), 'BAD_LENGTH', 16],
    ['with one byte too many', ONE_ADDRESS.replace('0000000e ', '00000801 '), 'BAD_LENGTH', 16],
    ['with as many as can be', ONE_ADDRESS.replace('0000000e ', '7fffffff '), 'BAD_LENGTH', 16],
    ['with addresses that are no text', ONE_ADDRESS.replace('3132372e', 'ff32372e'), 'BAD_TEXT', 20],
  ])('%s', (_what, bytes, code, offset) => {
    expect(failureOf(() => new InitialMessageReader().push(hex(bytes)))).toMatchObject({ code, offset });
  });

  it.each(['a', 'a:', 'a:b', 'a:1:2', ':1', '[::1', '[::1]', '[::1]:', 'a:65536', 'a:-1', 'a:1||b:2', ' : '])(
    'where an address is %j',
    (address) => {
      const failure = failureOf(() => new InitialMessageReader().push(withAddresses(address)));
      expect(failure).toMatchObject({ name: 'ProtocolError', code: 'BAD_VALUE', offset: 20 });
    },
  );

  it('with a named error or not at all, whatever is claimed anywhere in it', () => {
    for (const text of [ONE_ADDRESS, TWO_ADDRESSES])
      expect(unnamedFailures(hex(text), (bytes) => new InitialMessageReader().push(bytes))).toEqual([]);
  });

  it('as soon as its version or its length is there, before the bytes it promises', () => {
    const reader = new InitialMessageReader();
    expect(reader.push(hex(ONE_ADDRESS).subarray(0, 16))).toBeUndefined();
    expect(failureOf(() => reader.push(hex('00010000')))).toMatchObject({ code: 'BAD_LENGTH' });
  });
});

function withAddresses(addresses: string): Uint8Array {
  const w = new JuteWriter();
  w.writeLong(-65535n);
  w.writeLong(1n);
  w.writeString(addresses);
  return w.copy();
}

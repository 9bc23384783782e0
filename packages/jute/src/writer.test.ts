import { describe, expect, it } from 'vitest';
import { hex } from '../test/bytes.ts';
import { JuteReader } from './reader.ts';
import { JuteWriter } from './writer.ts';

const WRITES: [string, (w: JuteWriter) => void, string][] = [
  ['false', (w) => w.writeBool(false), '00'],
  ['true', (w) => w.writeBool(true), '01'],
  ['an int', (w) => w.writeInt(258), '00000102'],
  ['a negative int', (w) => w.writeInt(-112), 'ffffff90'],
  ['a long', (w) => w.writeLong(0x0100001a07f00000n), '0100001a07f00000'],
  ['the smallest long', (w) => w.writeLong(-0x8000000000000000n), '8000000000000000'],
  ['a long from a number', (w) => w.writeLongNumber(3 * 2 ** 32 + 9), '0000000300000009'],
  ['the largest long from a number', (w) => w.writeLongNumber(2 ** 53 - 1), '001fffffffffffff'],
  ['a negative long from a number', (w) => w.writeLongNumber(-1), 'ffffffffffffffff'],
  ['the smallest long from a number', (w) => w.writeLongNumber(1 - 2 ** 53), 'ffe0000000000001'],
  ['a long of exactly 2^32', (w) => w.writeLongNumber(2 ** 32), '0000000100000000'],
  ['a long of exactly -2^32', (w) => w.writeLongNumber(-(2 ** 32)), 'ffffffff00000000'],
  ['a buffer', (w) => w.writeBuffer(hex('6869')), '00000002 6869'],
  ['an empty buffer', (w) => w.writeBuffer(new Uint8Array(0)), '00000000'],
  ['a null buffer', (w) => w.writeBuffer(null), 'ffffffff'],
  ['a string', (w) => w.writeString('/a'), '00000002 2f61'],
  ['an empty string', (w) => w.writeString(''), '00000000'],
  ['a null string', (w) => w.writeString(null), 'ffffffff'],
  ['a string that is not ASCII', (w) => w.writeString('aü日😀'), '0000000a 61c3bce697a5f09f9880'],
  ['a vector of strings', (w) => w.writeStrings(['a', null]), '00000002 00000001 61 ffffffff'],
  ['an empty vector', (w) => w.writeStrings([]), '00000000'],
  ['a null vector', (w) => w.writeStrings(null), 'ffffffff'],
  ['bytes alone', (w) => w.writeRaw(hex('0102')), '0102'],
  ['a range of bytes', (w) => w.writeRange(hex('01020304'), 1, 3), '0203'],
  ['a long range of bytes', (w) => w.writeRange(new Uint8Array(100).fill(7), 1, 99), '07'.repeat(98)],
];

describe('a value', () => {
  it.each(WRITES)('%s', (_name, write, bytes) => {
    const w = new JuteWriter();
    write(w);
    expect(w.copy()).toEqual(hex(bytes));
    expect(w.length).toBe(hex(bytes).length);
  });

  it.each(WRITES)(
    '%s, where the buffer is too small for it by any number of bytes',
    (_name, write, bytes) => {
      for (let capacity = 0; capacity <= 16; capacity++) {
        const w = new JuteWriter(capacity);
        w.writeInt(0x0badcafe);
        write(w);
        write(w);
        expect(w.copy()).toEqual(hex(`0badcafe ${bytes} ${bytes}`));
      }
    },
  );

  it('of any length of text is written and read back', () => {
    const w = new JuteWriter();
    const texts = [
      'a'.repeat(100_000),
      'ü'.repeat(2000),
      '😀'.repeat(1025),
      'ü'.repeat(1024),
      'a'.repeat(1025),
    ];
    w.writeStrings(texts);
    expect(new JuteReader(w.bytes()).readStrings()).toEqual(texts);
  });
});

describe('a length that is known only later', () => {
  it('is left open and filled in, frames and buffers nested as they please', () => {
    const w = new JuteWriter(4);
    const frame = w.reserveInt();
    w.writeInt(7);
    const buffer = w.reserveInt();
    w.writeString('/a');
    w.patchLength(buffer);
    w.patchLength(frame);
    expect(w.copy()).toEqual(hex('0000000e 00000007 00000006 00000002 2f61'));
  });

  it('may be any other int as well', () => {
    const w = new JuteWriter();
    const at = w.reserveInt();
    w.writeBool(true);
    w.patchInt(at, -1);
    expect(w.copy()).toEqual(hex('ffffffff 01'));
  });

  it('may be given up, with all that was written since', () => {
    const w = new JuteWriter();
    w.writeInt(1);
    const start = w.reserveInt();
    w.writeString('/half a reply');
    w.truncate(start);
    w.writeInt(2);
    expect(w.copy()).toEqual(hex('00000001 00000002'));
  });
});

describe('the buffer', () => {
  it('is shown as a view, from any place on', () => {
    const w = new JuteWriter();
    w.writeInt(1);
    w.writeInt(2);
    expect(w.bytes(4)).toEqual(hex('00000002'));
    expect(w.bytes().buffer).toBe(w.bytes(4).buffer);
  });

  it('is used again after clear, so that a writer at work allocates nothing', () => {
    const w = new JuteWriter();
    w.writeInt(1);
    const { buffer } = w.bytes();
    w.clear().writeInt(2);
    expect(w.copy()).toEqual(hex('00000002'));
    expect(w.bytes().buffer).toBe(buffer);
  });

  it('is given up by clear where it has grown beyond a bound', () => {
    const w = new JuteWriter(16);
    w.writeRaw(new Uint8Array(1 << 20));
    w.clear(64);
    w.writeInt(2);
    expect(w.bytes().buffer.byteLength).toBe(64);
    expect(w.copy()).toEqual(hex('00000002'));
  });

  it('doubles, and holds a long text of ASCII without three times its size', () => {
    const w = new JuteWriter(256);
    w.writeRaw(new Uint8Array(257));
    expect(w.bytes().buffer.byteLength).toBe(512);
    const one = new JuteWriter(256);
    one.writeString('a'.repeat(1 << 20));
    expect(one.bytes().buffer.byteLength).toBe((1 << 20) + 4);
  });

  it('is copied by copy', () => {
    const w = new JuteWriter();
    w.writeInt(1);
    const copy = w.copy();
    w.clear().writeInt(2);
    expect(copy).toEqual(hex('00000001'));
  });

  it('belongs to the caller after take', () => {
    const w = new JuteWriter();
    w.writeInt(1);
    const taken = w.take();
    expect(w.length).toBe(0);
    w.writeInt(2);
    expect(taken).toEqual(hex('00000001'));
    expect(w.copy()).toEqual(hex('00000002'));
  });
});

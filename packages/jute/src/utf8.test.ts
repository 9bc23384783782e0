import { describe, expect, it } from 'vitest';
import { hex, numbersFrom } from '../test/bytes.ts';
import { utf8Decode, utf8Length, utf8Write } from './utf8.ts';

const decode = (bytes: Uint8Array): string | undefined => utf8Decode(bytes, 0, bytes.length);

function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  expect(utf8Write(text, bytes, 0)).toBe(bytes.length);
  return bytes;
}

describe('text', () => {
  it.each([
    ['', ''],
    ['/zookeeper/config', '2f7a6f6f6b65657065722f636f6e666967'],
    ['\u{0}', '00'],
    ['\u{7f}', '7f'],
    ['\u{80}', 'c280'],
    ['\u{7ff}', 'dfbf'],
    ['\u{800}', 'e0a080'],
    ['\u{ffff}', 'efbfbf'],
    ['\u{10000}', 'f0908080'],
    ['\u{10ffff}', 'f48fbfbf'],
    ['grüße', '6772c3bcc39f65'],
    ['日本', 'e697a5e69cac'],
    ['😀', 'f09f9880'],
    ['\u{feff}x', 'efbbbf78'],
  ])('%j is %s in both directions', (text, bytes) => {
    expect(encode(text)).toEqual(hex(bytes));
    expect(decode(hex(bytes))).toBe(text);
  });

  it.each([
    ['eda0bdedb880', '😀', 'a pair of surrogates, as Java writes what lies outside the basic plane'],
    ['78eda0bdedb88079', 'x😀y', 'such a pair among other characters'],
    ['eda080', '\u{d800}', 'half a pair'],
    ['edb880eda0bd', '\u{de00}\u{d83d}', 'a pair the wrong way round'],
  ])('%s (CESU-8) is read as %j: %s', (bytes, text) => {
    expect(decode(hex(bytes))).toBe(text);
  });

  it('a lone surrogate is written in three bytes and read again, so that nothing a log holds is lost', () => {
    for (const text of ['\u{d800}', 'a\u{dfff}', '\u{d83d}x', '\u{de00}\u{d83d}']) {
      expect(decode(encode(text))).toBe(text);
    }
  });

  it.each([
    ['80', 'a continuation byte that continues nothing'],
    ['c0af', 'a slash in two bytes'],
    ['c1bf', 'U+007F in two bytes'],
    ['e080af', 'a slash in three bytes'],
    ['e09fbf', 'U+07FF in three bytes'],
    ['f08080af', 'a slash in four bytes'],
    ['f08fbfbf', 'U+FFFF in four bytes'],
    ['f4908080', 'U+110000'],
    ['f8888080af', 'five bytes'],
    ['fe', 'a byte that UTF-8 never has'],
    ['ff', 'the other one'],
    ['c3', 'a character cut after one byte of two'],
    ['e697', 'a character cut after two bytes of three'],
    ['f09f98', 'a character cut after three bytes of four'],
    ['c328', 'a second byte that is ASCII'],
    ['e69728', 'a third byte that is ASCII'],
    ['2f61626364656667c0af', 'an overlong slash behind eight ASCII bytes'],
  ])('%s is refused: %s', (bytes) => {
    expect(decode(hex(bytes))).toBeUndefined();
  });

  it('is never read beyond its end', () => {
    expect(utf8Decode(hex('61 c3 bc'), 0, 2)).toBeUndefined();
    expect(utf8Decode(hex('61 62 63'), 1, 2)).toBe('b');
  });
});

describe('compared with TextDecoder', () => {
  const oracle = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const oracleDecode = (bytes: Uint8Array): string | undefined => {
    try {
      return oracle.decode(bytes);
    } catch {
      return undefined;
    }
  };

  it('bytes of every kind are read or refused alike, but for surrogates', () => {
    const number = numbersFrom(7);
    const kinds = [
      0x2f, 0x61, 0x7f, 0x80, 0xbf, 0xc2, 0xc3, 0xdf, 0xe0, 0xe6, 0xee, 0xef, 0xf0, 0xf4, 0xf5, 0xff,
    ];
    let refused = 0;
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from({ length: number(14) }, () => kinds[number(kinds.length)]!);
      const text = decode(bytes);
      expect(text).toBe(oracleDecode(bytes));
      if (text === undefined) refused++;
    }
    expect(refused).toBeGreaterThan(5000);
    expect(refused).toBeLessThan(19_000);
  });

  it('texts of every length are written and read alike, wherever their characters fall', () => {
    const characters = ['a', '/', 'ü', '日', '😀'];
    for (let length = 0; length < 40; length++) {
      for (const character of characters) {
        const text = 'x'.repeat(length) + character + 'yz';
        expect(encode(text)).toEqual(new TextEncoder().encode(text));
        expect(decode(encode(text))).toBe(text);
      }
    }
  });

  it('long texts are, too', () => {
    for (const text of ['a'.repeat(100_000), 'ü'.repeat(50_000), `${'日'.repeat(3333)}😀`.repeat(9)]) {
      const bytes = new TextEncoder().encode(text);
      expect(encode(text)).toEqual(bytes);
      expect(decode(bytes)).toBe(text);
      expect(decode(bytes.subarray(0, -1))).toBe(text.endsWith('a') ? text.slice(0, -1) : undefined);
    }
    expect(decode(new Uint8Array(100_000).fill(0x80))).toBeUndefined();
  });
});

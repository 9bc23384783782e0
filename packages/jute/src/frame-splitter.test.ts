import { describe, expect, it } from 'vitest';
import { failureOf, hex, numbersFrom } from '../test/bytes.ts';
import { FRAME_PAYLOAD_MAX_DEFAULT, FrameSplitter } from './frame-splitter.ts';

const FRAMES = [hex('01'), hex(''), hex('0203040506'), new Uint8Array(300).fill(7), hex('08090a0b')];
const STREAM = hex(FRAMES.map((frame) => toHex(int(frame.length)) + toHex(frame)).join(''));

describe('a stream', () => {
  it('in one chunk is cut into its frames, none of them copied', () => {
    const splitter = new FrameSplitter();
    splitter.push(STREAM);
    for (const frame of FRAMES) {
      expect(splitter.next()).toBe(true);
      expect(splitter.bytes).toBe(STREAM);
      expect(splitter.bytes.subarray(splitter.start, splitter.end)).toEqual(frame);
    }
    expect(splitter.next()).toBe(false);
    expect(splitter.pending).toBe(0);
  });

  it('of one byte at a time is cut into the same frames', () => {
    const splitter = new FrameSplitter();
    const frames: Uint8Array[] = [];
    for (const byte of STREAM) frames.push(...framesOf(splitter, Uint8Array.of(byte)));
    expect(frames).toEqual(FRAMES);
    expect(splitter.pending).toBe(0);
  });

  it('is cut into the same frames wherever its chunks end', () => {
    for (let size = 1; size <= STREAM.length; size++) {
      const splitter = new FrameSplitter();
      const frames: Uint8Array[] = [];
      for (let at = 0; at < STREAM.length; at += size)
        frames.push(...framesOf(splitter, STREAM.subarray(at, at + size)));
      expect(frames, `chunks of ${size}`).toEqual(FRAMES);
    }
  });

  it('is cut into the same frames where chunks are of any size, empty ones among them', () => {
    const number = numbersFrom(11);
    for (let round = 0; round < 300; round++) {
      const splitter = new FrameSplitter();
      const frames: Uint8Array[] = [];
      for (let at = 0; at < STREAM.length;) {
        const size = number(24);
        frames.push(...framesOf(splitter, STREAM.subarray(at, at + size)));
        at += size;
      }
      expect(frames).toEqual(FRAMES);
    }
  });

  it('counts the bytes of a frame that is not whole', () => {
    const splitter = new FrameSplitter();
    framesOf(splitter, hex('00000003 0102'));
    expect(splitter.pending).toBe(6);
    expect(framesOf(splitter, hex('03 0000'))).toEqual([hex('010203')]);
    expect(splitter.pending).toBe(2);
  });

  it('that changes its framing hands out what was not cut yet', () => {
    const splitter = new FrameSplitter();
    splitter.push(hex('00000001 aa 72756f6b'));
    expect(splitter.next()).toBe(true);
    expect(splitter.rest()).toEqual(hex('72756f6b'));
    expect(splitter.pending).toBe(0);
    expect(splitter.next()).toBe(false);
    framesOf(splitter, hex('7275'));
    splitter.push(hex('6f6b'));
    expect(splitter.rest()).toEqual(hex('72756f6b'));
  });
});

describe('a frame cut across chunks', () => {
  it('stays as it is while the next one is collected', () => {
    const splitter = new FrameSplitter();
    framesOf(splitter, hex('00000002 01'));
    splitter.push(hex('02 00000002 03'));
    expect(splitter.next()).toBe(true);
    const { bytes, start, end } = splitter;
    expect(splitter.next()).toBe(false);
    splitter.push(hex('04'));
    expect(splitter.next()).toBe(true);
    expect(splitter.bytes.subarray(splitter.start, splitter.end)).toEqual(hex('0304'));
    expect(bytes.subarray(start, end)).toEqual(hex('0102'));
  });

  it('is kept apart from its chunk, which the transport may use again', () => {
    const splitter = new FrameSplitter();
    const chunk = hex('00000002 01');
    framesOf(splitter, chunk);
    chunk.fill(0xee);
    expect(framesOf(splitter, hex('02'))).toEqual([hex('0102')]);
  });

  it('takes memory for the bytes that came, not for those that were promised', () => {
    const before = process.memoryUsage().arrayBuffers;
    const splitters = Array.from({ length: 64 }, () => new FrameSplitter({ payloadMax: 1 << 30 }));
    for (const splitter of splitters) expect(framesOf(splitter, hex('40000000 01'))).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
    expect(splitters.map((splitter) => splitter.pending)).toEqual(splitters.map(() => 5));
  });
});

it('a splitter that has handed out everything lets go of the chunk', () => {
  const splitter = new FrameSplitter();
  splitter.push(STREAM);
  while (splitter.next());
  expect(splitter.bytes).toHaveLength(0);
});

describe('a length', () => {
  it('is believed up to the bound', () => {
    const splitter = new FrameSplitter({ payloadMax: 2 });
    expect(framesOf(splitter, hex('00000002 0102'))).toEqual([hex('0102')]);
  });

  it.each([
    ['above the bound', '00000003'],
    ['the largest int', '7fffffff'],
    ['-1', 'ffffffff'],
    ['the smallest int', '80000000'],
  ])('is refused as soon as it is there where it is %s', (_what, bytes) => {
    const whole = new FrameSplitter({ payloadMax: 2 });
    whole.push(hex(bytes));
    expect(failureOf(() => whole.next())).toMatchObject({ name: 'JuteError', code: 'BAD_LENGTH', offset: 0 });

    const cut = new FrameSplitter({ payloadMax: 2 });
    expect(framesOf(cut, hex(bytes).subarray(0, 3))).toEqual([]);
    cut.push(hex(bytes).subarray(3));
    expect(failureOf(() => cut.next())).toMatchObject({ name: 'JuteError', code: 'BAD_LENGTH' });
  });

  it('is refused with its place in the chunk', () => {
    const splitter = new FrameSplitter();
    splitter.push(hex('00000001 aa ffffffff'));
    expect(splitter.next()).toBe(true);
    expect(failureOf(() => splitter.next())).toMatchObject({ code: 'BAD_LENGTH', offset: 5 });
  });

  it('is bounded by jute.maxbuffer when nothing else is said', () => {
    expect(FRAME_PAYLOAD_MAX_DEFAULT).toBe(1_048_575);
    const splitter = new FrameSplitter();
    splitter.push(int(1_048_576));
    expect(failureOf(() => splitter.next())).toMatchObject({ code: 'BAD_LENGTH' });
  });
});

it('a chunk pushed before the last one is used up is a mistake of the caller, and no byte of it is lost in silence', () => {
  const splitter = new FrameSplitter();
  splitter.push(STREAM);
  splitter.next();
  expect(() => splitter.push(STREAM)).toThrow(RangeError);
});

function framesOf(splitter: FrameSplitter, chunk: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  splitter.push(chunk);
  while (splitter.next()) frames.push(splitter.bytes.slice(splitter.start, splitter.end));
  return frames;
}

function int(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

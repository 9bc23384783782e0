import { JuteError, JuteReader, JuteWriter } from '@corral/jute';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../src/index.ts';

interface Encodable {
  write(w: JuteWriter): void;
}

export interface RecordCase {
  readonly name: string;
  readonly record: Encodable;
  /** Its class. */
  readonly type: { read(r: JuteReader): unknown };
  /** One field per line: hex, blanks, caption. */
  readonly bytes: string;
  /** Lengths below the whole at which the bytes are a record too. */
  readonly shorterForms?: readonly number[];
}

/** Says of every record that it has exactly these bytes, in both directions, and that damage is refused. */
export function describeRecords(cases: readonly RecordCase[]): void {
  describe.each(cases)('$name', ({ record, type, bytes, shorterForms = [] }) => {
    const whole = hex(bytes);

    it('is written as captioned', () => {
      expect(encode(record)).toEqual(whole);
    });

    it('is read back whole, to the last byte', () => {
      const reader = new JuteReader(whole);
      expect(type.read(reader)).toStrictEqual(record);
      expect(reader.remaining).toBe(0);
    });

    it('is refused with an offset wherever it is cut short', () => {
      for (let length = 0; length < whole.length; length++) {
        if (shorterForms.includes(length)) continue;
        const failure = failureOf(() => type.read(new JuteReader(whole.subarray(0, length))));
        expect(failure, `cut to ${length} bytes`).toBeInstanceOf(JuteError);
        expect((failure as JuteError).offset).toBeLessThanOrEqual(length);
      }
    });

    it('fails with a named error or not at all, whatever length is claimed anywhere in it', () => {
      expect(unnamedFailures(whole, (damaged) => type.read(new JuteReader(damaged)))).toEqual([]);
    });
  });
}

/** Puts every hostile length at every place in `whole`, and tells where `read` threw anything but errors of ours. */
export function unnamedFailures(whole: Uint8Array, read: (bytes: Uint8Array) => unknown): string[] {
  const unnamed: string[] = [];
  for (let at = 0; at + 4 <= whole.length; at++) {
    for (const claim of HOSTILE_INTS) {
      const damaged = whole.slice();
      new DataView(damaged.buffer).setInt32(at, claim);
      const failure = failureOf(() => read(damaged));
      if (failure === undefined || failure instanceof JuteError || failure instanceof ProtocolError) continue;
      unnamed.push(`${claim} at byte ${at}`);
    }
  }
  return unnamed;
}

/** The bytes of a captioned text: the first word of every line is hex, the rest says what it is. */
export function hex(captioned: string): Uint8Array {
  const digits = captioned
    .split('\n')
    .map((line) => line.trim().split(/\s/, 1)[0])
    .join('');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function encode(record: Encodable): Uint8Array {
  const w = new JuteWriter(16);
  record.write(w);
  return w.copy();
}

export function failureOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const HOSTILE_INTS = [-0x8000_0000, -2, -1, 0, 1, 0x7fff_ffff];

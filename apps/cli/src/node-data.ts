import type { Codec } from '@corral/client';

/** Data as they are; null where the node has none at all, which `zkCli.sh` shows as `null`. */
export const bytesOrNull: Codec<Uint8Array | null> = {
  encode: (value) => value ?? new Uint8Array(),
  decode: (bytes) => bytes,
  decodeNull: () => null,
};

/** For programs: text where it is text, else base64. */
export function dataJson(data: Uint8Array | null): { data: string | null; encoding: 'utf8' | 'base64' } {
  if (data === null) return { data: null, encoding: 'utf8' };
  try {
    return { data: STRICT.decode(data), encoding: 'utf8' };
  } catch {
    return { data: Buffer.from(data).toString('base64'), encoding: 'base64' };
  }
}

/** As Netty prints it (`get -x`). */
export function hexDump(data: Uint8Array): readonly string[] {
  if (data.length === 0) return [];
  const lines = [
    `         ${RULE}`,
    '         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |',
    WIDE_RULE,
  ];
  for (let at = 0; at < data.length; at += 16) {
    const row = [...data.subarray(at, at + 16)];
    const hex = row.map((byte) => ` ${byte.toString(16).padStart(2, '0')}`).join('');
    const text = row.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`|${at.toString(16).padStart(8, '0')}|${hex.padEnd(48)} |${text.padEnd(16)}|`);
  }
  return [...lines, WIDE_RULE];
}

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const RULE = '+-------------------------------------------------+';
const WIDE_RULE = `+--------${RULE}----------------+`;

/**
 * Text as it stands in jute: standard UTF-8.
 *
 * Java's writer encodes each UTF-16 unit by itself, so text outside the basic plane arrives as CESU-8 (two
 * three-byte surrogates). Reading accepts that form beside real UTF-8; writing emits real UTF-8 only.
 *
 * Written by hand because the pure packages have neither TextDecoder nor Buffer; paths are short and almost
 * always ASCII, where a plain loop is as fast as a call out of JavaScript.
 */

/** Bytes that `text` takes as UTF-8. A lone surrogate counts as the three bytes it is written with. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) length += 1;
    else if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(i + 1))) {
      length += 2;
      i++;
    } else length += 2;
  }
  return length;
}

/** Writes `text` at `at`; the caller has made room for `utf8Length(text)` bytes. Returns the offset behind it. */
export function utf8Write(text: string, target: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) target[at++] = unit;
    else if (unit < 0x800) {
      target[at++] = 0xc0 | (unit >> 6);
      target[at++] = 0x80 | (unit & 0x3f);
    } else if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(i + 1))) {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff);
      target[at++] = 0xf0 | (point >> 18);
      target[at++] = 0x80 | ((point >> 12) & 0x3f);
      target[at++] = 0x80 | ((point >> 6) & 0x3f);
      target[at++] = 0x80 | (point & 0x3f);
    } else {
      target[at++] = 0xe0 | (unit >> 12);
      target[at++] = 0x80 | ((unit >> 6) & 0x3f);
      target[at++] = 0x80 | (unit & 0x3f);
    }
  }
  return at;
}

/**
 * The text of `bytes[start, end)`, or `undefined` where it is not UTF-8 (overlong forms, stray or missing
 * continuation bytes, code points above U+10FFFF). Surrogates in three bytes are accepted as CESU-8.
 */
export function utf8Decode(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > LONG_TEXT) return decodeLong(bytes, start, end);
  let text = '';
  let i = start;
  // Eight at a time takes about half the time of one by one for the paths that ZooKeeper sees.
  for (; i + 8 <= end; i += 8) {
    const a = bytes[i]!;
    const b = bytes[i + 1]!;
    const c = bytes[i + 2]!;
    const d = bytes[i + 3]!;
    const e = bytes[i + 4]!;
    const f = bytes[i + 5]!;
    const g = bytes[i + 6]!;
    const h = bytes[i + 7]!;
    if ((a | b | c | d | e | f | g | h) > 0x7f) break;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  while (i < end) {
    const lead = bytes[i++]!;
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      continue;
    }
    const extra = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (lead < 0xc2 || lead > 0xf4 || i + extra > end) return undefined;
    let point = lead & (0x3f >> extra);
    for (let k = 0; k < extra; k++) {
      const next = bytes[i++]!;
      if ((next & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (next & 0x3f);
    }
    if (point < SMALLEST_POINT[extra]! || point > 0x10ffff) return undefined;
    text += point < 0x10000 ? String.fromCharCode(point) : String.fromCodePoint(point);
  }
  return text;
}

/** In pieces, so that a text of a megabyte is not one rope of a million links. */
function decodeLong(bytes: Uint8Array, start: number, end: number): string | undefined {
  const pieces: string[] = [];
  while (start < end) {
    let cut = Math.min(end, start + LONG_TEXT);
    while (cut < end && cut > start && (bytes[cut]! & 0xc0) === 0x80) cut--;
    if (cut === start) return undefined;
    const piece = utf8Decode(bytes, start, cut);
    if (piece === undefined) return undefined;
    pieces.push(piece);
    start = cut;
  }
  return pieces.join('');
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

const LONG_TEXT = 1024;
const SMALLEST_POINT = [0, 0x80, 0x800, 0x10000];

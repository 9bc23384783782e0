export interface Property {
  readonly key: string;
  readonly value: string;
  /** The line of the file it begins on, from 1. */
  readonly line: number;
  /** The line it ends on. */
  readonly endLine: number;
}

/**
 * Reads a file as `java.util.Properties.load` does, oddities included: a key ends at the first `=`, `:` or blank
 * that no backslash stands before; a line that ends in an odd number of backslashes goes on in the next, without
 * that one's leading blanks; trailing blanks of a value stay; `\q` is `q`. Of two equal keys the later one counts.
 *
 * @param text decoded as Latin-1, as Java does: a path written in UTF-8 names, as under Apache, another directory
 * than one would think, but the same one as before
 * @throws Error `Malformed \uxxxx encoding.`
 */
export function parseProperties(text: string): Property[] {
  const properties: Property[] = [];
  for (const { line, endLine, text: logical } of logicalLines(text)) {
    const keyEnd = endOfKey(logical);
    properties.push({
      key: unescape(logical.slice(0, keyEnd)),
      value: unescape(logical.slice(keyEnd).replace(SEPARATOR, '')),
      line,
      endLine,
    });
  }
  return properties;
}

function* logicalLines(text: string): Iterable<{ line: number; endLine: number; text: string }> {
  const lines = text.split(/\r\n|\n|\r/);
  for (let i = 0; i < lines.length; i++) {
    let part = lines[i]!.replace(LEADING_BLANKS, '');
    if (part === '' || part.startsWith('#') || part.startsWith('!')) continue;
    const line = i + 1;
    const parts: string[] = [];
    while (CONTINUED.test(part)) {
      parts.push(part.slice(0, -1));
      part = (lines[++i] ?? '').replace(LEADING_BLANKS, '');
    }
    const logical = parts.join('') + part;
    if (logical !== '') yield { line, endLine: Math.min(i + 1, lines.length), text: logical };
  }
}

function endOfKey(line: string): number {
  let at = 0;
  while (at < line.length && !SEPARATORS.has(line[at]!)) at += line[at] === '\\' ? 2 : 1;
  return Math.min(at, line.length);
}

function unescape(text: string): string {
  return text.replace(ESCAPE, (_, escaped: string) => {
    if (!escaped.startsWith('u')) return CONTROLS[escaped] ?? escaped;
    if (!FOUR_HEX_DIGITS.test(escaped)) throw new Error(String.raw`Malformed \uxxxx encoding.`);
    return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  });
}

const LEADING_BLANKS = /^[ \t\f]+/;
/** An odd number of backslashes at the end. */
const CONTINUED = /(?<!\\)(?:\\\\)*\\$/;
const SEPARATOR = /^[ \t\f]*[=:]?[ \t\f]*/;
const SEPARATORS = new Set(['=', ':', ' ', '\t', '\f']);
const ESCAPE = /\\(u.{0,4}|[^u]|$)/gs;
const FOUR_HEX_DIGITS = /^u[0-9a-f]{4}$/i;
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/**
 * Whether `text` reads as an X.500 name the way javax.security.auth.x500.X500Principal reads one: parts
 * `keyword=value` joined by commas, semicolons or plus signs, keywords known or numbers with dots, values plain,
 * quoted or hexadecimal. An empty text is the empty name.
 */
export function isDistinguishedName(text: string): boolean {
  if (text.trim() === '') return true;
  return splitOutsideQuotes(text)?.every(isPart) ?? false;
}

function isPart(part: string): boolean {
  const equals = part.indexOf('=');
  if (equals < 0) return false;
  const keyword = part
    .slice(0, equals)
    .trim()
    .toUpperCase()
    .replace(/^OID\./, '');
  return KEYWORDS.has(keyword) || /^[0-2](\.\d+)+$/.test(keyword);
}

/** Undefined where a quote is not closed or a backslash stands last. */
function splitOutsideQuotes(text: string): string[] | undefined {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '\\') {
      if (++i === text.length) return undefined;
    } else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && SEPARATORS.includes(character)) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return isQuoted ? undefined : parts;
}

const SEPARATORS = ',;+';
const KEYWORDS: ReadonlySet<string> = new Set(
  'CN C L S ST STREET O OU T IP DC DNQ DNQUALIFIER SURNAME GIVENNAME INITIALS GENERATION EMAIL EMAILADDRESS UID SERIALNUMBER'.split(
    ' ',
  ),
);

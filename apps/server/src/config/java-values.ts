/**
 * Values as Apache reads them. Keys that its configuration parser knows are read strictly: nonsense is an error in
 * Java's words. All others are Java system properties there, of which nonsense is quietly ignored.
 */

/** `Integer.parseInt` and `Long.parseLong` as far as a number is exact. @throws Error with Java's message */
export function parseJavaInt(value: string, max: number = INT_MAX): number {
  const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= max && number >= -max - 1)) throw new Error(`For input string: "${value}"`);
  return number;
}

/** `QuorumPeerConfig.parseBoolean`. @throws Error with its message */
export function parseStrictBoolean(key: string, value: string): boolean {
  const isTrue = value.toLowerCase() === 'true';
  if (!isTrue && value.toLowerCase() !== 'false')
    throw new Error(`Invalid option ${value} for ${key}. Choose 'true' or 'false.'`);
  return isTrue;
}

/** `Integer.getInteger`: decimal, hexadecimal (`0x10`, `#10`) or octal (`010`); undefined where it is no number. */
export function decodeJavaInt(value: string, max: number = INT_MAX): number | undefined {
  const [, sign, prefix = '', digits = ''] = /^([+-]?)(0[xX]|#|0(?=.))?([0-9a-fA-F]+)$/.exec(value) ?? [];
  const radix = prefix === '' ? 10 : prefix === '0' ? 8 : 16;
  if (!DIGITS[radix].test(digits)) return undefined;
  const number = Number.parseInt(digits, radix) * (sign === '-' ? -1 : 1);
  return number <= max && number >= -max - 1 ? number : undefined;
}

/** `Long` values are exact as numbers up to here. */
export const LONG_MAX: number = Number.MAX_SAFE_INTEGER;
const INT_MAX = 0x7fff_ffff;
const DIGITS = { 8: /^[0-7]+$/, 10: /^\d+$/, 16: /^[0-9a-fA-F]+$/ } as const;

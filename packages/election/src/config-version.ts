/**
 * The version of a configuration text: the value of its last line `version=<hex>`. Undefined where there is none, or one
 * that no zxid can be.
 */
export function versionOfConfig(text: string): number | undefined {
  const at = text.startsWith(KEY)
    ? Math.max(0, text.lastIndexOf(`\n${KEY}`) + 1)
    : text.lastIndexOf(`\n${KEY}`) + 1;
  if (!text.startsWith(KEY, at)) return undefined;
  const hex = /^[0-9a-f]{1,14}(?=\s|$)/i.exec(
    text.slice(at + KEY.length, at + KEY.length + HEX_MAX + 1),
  )?.[0];
  const version = hex === undefined ? Number.NaN : Number.parseInt(hex, 16);
  return Number.isSafeInteger(version) ? version : undefined;
}

const KEY = 'version=';
const HEX_MAX = 14;

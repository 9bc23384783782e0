/**
 * The JSON of a text, with numbers as they are written: those that no number of JavaScript is keep their digits, and are
 * written with them again.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text, function keepDigits(_key: string, value: unknown, context?: { source?: string }) {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    return String(value) === context.source ? value : (JSON as ExactJson).rawJSON(context.source);
  });
}

/** Written as the text before it was: on one line or many, with its indentation and its end. */
export function writeJsonLike(before: string, value: unknown): string {
  const indentation = /^[[{][^\S\n]*\n([ \t]+)/.exec(before.trimStart())?.[1];
  const end = /\s*$/.exec(before)![0];
  return (JSON.stringify(value, undefined, indentation) ?? 'null') + end;
}

/**
 * What a JSON Pointer (RFC 6901) leads to; undefined where there is nothing. '' is all of it.
 *
 * @throws RangeError where it is no pointer
 */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const key of keysOf(pointer)) {
    if (!isCollection(value) || !Object.prototype.propertyIsEnumerable.call(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/**
 * The document with something else there, changed in place. The last key may be new, `-` is behind the last of a list.
 *
 * @throws RangeError where the pointer leads nowhere
 */
export function withValueAt(document: unknown, pointer: string, value: unknown): unknown {
  const keys = keysOf(pointer);
  const last = keys.pop();
  if (last === undefined) return value;
  const parent = valueAt(
    document,
    keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
  );
  if (!isCollection(parent)) throw new RangeError(`there is nothing to hold ${pointer}`);
  if (Array.isArray(parent)) setElement(parent, last, pointer, value);
  // A name like __proto__ is one like any other.
  else Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
  return document;
}

function setElement(list: unknown[], key: string, pointer: string, value: unknown): void {
  const index = key === '-' ? list.length : /^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : -1;
  if (index < 0 || index > list.length) throw new RangeError(`the list has no element ${pointer}`);
  list[index] = value;
}

function keysOf(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~([^01]|$)/.test(pointer))
    throw new RangeError(`"${pointer}" is no JSON Pointer: /key/0/key`);
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !isRaw(value);
}

function isRaw(value: object): boolean {
  return (JSON as ExactJson).isRawJSON(value);
}

/** Of ES2026, in Node from 22 on. */
type ExactJson = typeof JSON & {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

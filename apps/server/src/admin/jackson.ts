/** What a command answers with. Objects keep the order in which their entries come, arrays may be made as they are read. */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | JavaNumber
  | JsonArray
  | JsonObject
  | JsonEntries;

export type JsonArray = { readonly items: Iterable<JsonValue> };
export type JsonObject = { readonly [key: string]: JsonValue };

/** An object whose entries are made as they are read. */
export class JsonEntries {
  readonly entries: Iterable<readonly [key: string, value: JsonValue]>;

  constructor(entries: Iterable<readonly [key: string, value: JsonValue]>) {
    this.entries = entries;
  }
}

/** A number as Java prints it: `0.0` stays `0.0`. */
export class JavaNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function array(items: Iterable<JsonValue>): JsonArray {
  return { items };
}

/**
 * JSON as Apache's AdminServer writes it (Jackson, indented): a blank on both sides of a colon, an object's entries on
 * lines of their own, an array on one line. In pieces, so that what is long is never in memory as a whole.
 */
export function* jackson(value: JsonValue, indent = ''): Iterable<string> {
  if (typeof value === 'string') yield JSON.stringify(value);
  else if (value === null || typeof value !== 'object') yield String(value);
  else if (value instanceof JavaNumber) yield value.text;
  else if (value instanceof JsonEntries) yield* object(value.entries, indent);
  else if (isArray(value)) yield* list(value.items, indent);
  else yield* object(Object.entries(value), indent);
}

function isArray(value: JsonArray | JsonObject): value is JsonArray {
  return typeof value['items'] === 'object' && value['items'] !== null && Symbol.iterator in value['items'];
}

function* object(entries: Iterable<readonly [string, JsonValue]>, indent: string): Iterable<string> {
  const inner = `${indent}  `;
  let separator = '{';
  for (const [key, value] of entries) {
    yield `${separator}\n${inner}${JSON.stringify(key)} : `;
    yield* jackson(value, inner);
    separator = ',';
  }
  yield separator === '{' ? '{ }' : `\n${indent}}`;
}

function* list(items: Iterable<JsonValue>, indent: string): Iterable<string> {
  let separator = '[ ';
  for (const item of items) {
    yield separator;
    yield* jackson(item, indent);
    separator = ', ';
  }
  yield separator === '[ ' ? '[ ]' : ' ]';
}

import { JuteWriter, utf8Decode } from '@corral/jute';
import type { SchemaIssue, StandardSchema } from './standard-schema.ts';

/** How the data of a node is written and read. */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  /** `path` is for messages. What it throws is what the reader gets. */
  decode(bytes: Uint8Array, path: string): T | Promise<T>;
  /** What stands for no data at all (`null`). Without it, empty bytes are decoded. */
  decodeNull?(path: string): T | Promise<T>;
}

/** The bytes as they are. */
export const bytes: Codec<Uint8Array> = {
  encode: (value) => value,
  decode: (value) => value,
};

export const utf8: Codec<string> = {
  encode: toUtf8,
  decode: fromUtf8,
};

/** JSON, checked when it is read by any library that speaks Standard Schema (valibot, zod, arktype, ...). */
export function json<T>(schema: StandardSchema<unknown, T>): Codec<T> {
  return {
    encode: (value) => toUtf8(JSON.stringify(value)),
    decode: async (data, path) => {
      const text = fromUtf8(data, path);
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch (cause) {
        throw new DataError(path, [messageOf(cause)], { cause });
      }
      const checked = await schema['~standard'].validate(value);
      if (checked.issues !== undefined) throw new DataError(path, checked.issues.map(describeIssue));
      return checked.value;
    },
  };
}

/** The data of a node is not what it should be. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly path: string;
  readonly issues: readonly string[];

  constructor(path: string, issues: readonly string[], options?: ErrorOptions) {
    super(`the data of ${path}: ${issues.join('; ')}`, options);
    this.path = path;
    this.issues = issues;
  }
}

/** What the codec says of data as they came. */
export function decodeData<T>(
  codec: Codec<T>,
  path: string,
  data: Uint8Array,
  isNull: boolean,
): T | Promise<T> {
  return isNull && codec.decodeNull !== undefined ? codec.decodeNull(path) : codec.decode(data, path);
}

export function toUtf8(text: string): Uint8Array {
  const writer = new JuteWriter(text.length + 8);
  writer.writeString(text);
  return writer.bytes(4);
}

export function fromUtf8(data: Uint8Array, path: string): string {
  const text = utf8Decode(data, 0, data.length);
  if (text === undefined) throw new DataError(path, ['it is not UTF-8']);
  return text;
}

function describeIssue({ message, path }: SchemaIssue): string {
  if (path === undefined || path.length === 0) return message;
  const keys = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  return `${keys.join('.')}: ${message}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

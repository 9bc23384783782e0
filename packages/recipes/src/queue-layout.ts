import { type Codec, DataError } from '@corral/client';

/** What an item may ask for when it is put. */
export interface PutOptions {
  /** Of a priority queue: the lower, the sooner. */
  readonly priority?: number;
  /** Of a delay queue: milliseconds from now before which nobody gets it. */
  readonly delayMs?: number;
  /** Of an id queue: by which it can be removed. */
  readonly id?: string;
}

/** How items are named and written: who shares a queue shares its layout. */
export interface QueueLayout {
  /** What all items' names begin with; others are let alone. */
  readonly prefix: string;
  /** The name up to the number that the server appends. @param now by the client's clock */
  nameFor(options: PutOptions, now: number): string;
  /** Items are handed out in the order of this. */
  sortKeyOf(name: string): string;
  /** Not before: milliseconds since 1970, by the client's clock. */
  dueAt(name: string): number;
  idOf(name: string): string | undefined;
  encode<T>(codec: Codec<T>, values: readonly T[]): Uint8Array;
  decode<T>(codec: Codec<T>, data: Uint8Array, path: string): Promise<T[]>;
}

/** Curator's DistributedQueue. */
export const plainLayout: QueueLayout = {
  prefix: 'queue-',
  nameFor: () => 'queue-',
  sortKeyOf: (name) => name,
  dueAt: () => 0,
  idOf: () => undefined,
  encode: encodeItems,
  decode: decodeItems,
};

/** Curator's DistributedPriorityQueue: a digit for the sign and eight hexadecimal ones, so that names sort as numbers. */
export const priorityLayout: QueueLayout = {
  ...plainLayout,
  nameFor: ({ priority = 0 }) => {
    if (!Number.isInteger(priority) || priority < -0x8000_0000 || priority > 0x7fff_ffff)
      throw new RangeError(`priority ${priority} is no integer of 32 bits`);
    return `queue-${priority >= 0 ? 1 : 0}${hex(priority >>> 0)}`;
  },
};

/** Curator's DistributedDelayQueue: the time it is due, by the clock of who put it. */
export const delayLayout: QueueLayout = {
  ...plainLayout,
  nameFor: ({ delayMs = 0 }, now) => {
    if (!(delayMs >= 0)) throw new RangeError(`delayMs ${delayMs}`);
    return `queue-|${hex(Math.ceil(now + delayMs))}|`;
  },
  sortKeyOf: (name) => `${delayOf(name).toString(16).padStart(16, '0')} ${name}`,
  dueAt: delayOf,
};

/** Curator's DistributedIdQueue. */
export const idLayout: QueueLayout = {
  ...plainLayout,
  nameFor: ({ id }) => {
    if (id === undefined || id === '') throw new TypeError('an id queue asks for an id');
    return `queue-|${cleanId(id)}|`;
  },
  sortKeyOf: (name) => name.slice(name.lastIndexOf('|') + 1),
  idOf: (name) => partOf(name),
};

/** Curator's SimpleDistributedQueue, and that of ZooKeeper's own recipes: bytes as they are. */
export const simpleLayout: QueueLayout = {
  ...plainLayout,
  prefix: 'qn-',
  nameFor: () => 'qn-',
  ...rawData(),
};

/** kazoo's Queue: three digits of priority. */
export const kazooLayout: QueueLayout = {
  ...plainLayout,
  prefix: 'entry-',
  nameFor: ({ priority = 100 }) => {
    if (!Number.isInteger(priority) || priority < 0 || priority > 999)
      throw new RangeError(`priority ${priority} is not between 0 and 999`);
    return `entry-${String(priority).padStart(3, '0')}-`;
  },
  ...rawData(),
};

/** As DistributedIdQueue cleans it: what an item is removed by. */
export function cleanId(id: string): string {
  return id.replaceAll('/', '_').replaceAll('|', '_');
}

function partOf(name: string): string | undefined {
  const end = name.lastIndexOf('|');
  const start = end > 0 ? name.lastIndexOf('|', end - 1) : -1;
  return start < 0 ? undefined : name.slice(start + 1, end);
}

function delayOf(name: string): number {
  const due = Number.parseInt(partOf(name) ?? '', 16);
  return Number.isNaN(due) ? 0 : due;
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, '0');
}

function rawData(): Pick<QueueLayout, 'encode' | 'decode'> {
  return {
    encode: (codec, [value, ...others]) => {
      if (others.length > 0) throw new RangeError('this layout has one value in an item');
      return codec.encode(value!);
    },
    decode: async (codec, data, path) => [await codec.decode(data, path)],
  };
}

/** Curator's ItemSerializer: a version, then each value with its opcode and length, then the end. */
function encodeItems<T>(codec: Codec<T>, values: readonly T[]): Uint8Array {
  const encoded = values.map((value) => codec.encode(value));
  const bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + 5 + length, 5));
  const view = new DataView(bytes.buffer);
  view.setInt32(0, VERSION);
  let at = 4;
  for (const value of encoded) {
    view.setInt8(at, ITEM);
    view.setInt32(at + 1, value.length);
    bytes.set(value, at + 5);
    at += 5 + value.length;
  }
  view.setInt8(at, END);
  return bytes;
}

async function decodeItems<T>(codec: Codec<T>, data: Uint8Array, path: string): Promise<T[]> {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (data.length < 5 || view.getInt32(0) !== VERSION)
    throw new DataError(path, ['it is no item of this kind of queue']);
  const values: T[] = [];
  for (let at = 4; ;) {
    if (at >= data.length) throw new DataError(path, ['it has no end']);
    const opcode = view.getInt8(at);
    if (opcode === END) return values;
    if (opcode !== ITEM || at + 5 > data.length)
      throw new DataError(path, [`opcode ${opcode} at byte ${at}`]);
    const length = view.getInt32(at + 1);
    at += 5;
    if (length < 0 || at + length > data.length)
      throw new DataError(path, [`a length of ${length} at byte ${at - 4}`]);
    values.push(await codec.decode(data.slice(at, at + length), path));
    at += length;
  }
}

const VERSION = 0x0001_0001;
const ITEM = 1;
const END = 2;

/**
 * The order in which a `HashMap<Long, ?>` hands out its keys: by bucket, and within one as they came. Configurations
 * are printed in it, and compared as texts by people and programs.
 *
 * @param keys as they were put, without repetition
 * @param buckets the table's size before it grew
 */
export function javaHashOrder(keys: Iterable<number>, buckets: number = BUCKETS_DEFAULT): number[] {
  const all = [...keys];
  let size = buckets;
  while (all.length > size * LOAD_FACTOR) size *= 2;
  return all.toSorted((one, other) => bucketOf(one, size) - bucketOf(other, size));
}

/** The size of the table that `new HashMap<>(map)` makes for so many keys (Java 8 to 17). */
export function bucketsOfCopy(keys: number): number {
  let size = 1;
  while (size < Math.floor(keys / LOAD_FACTOR + 1)) size *= 2;
  return size;
}

/** The order in which `java.util.Properties` hands out its keys: a ConcurrentHashMap of 16 buckets, which grows at 3/4. */
export function javaPropertiesOrder(keys: Iterable<string>): string[] {
  let table: string[][] = Array.from({ length: 16 }, () => []);
  let count = 0;
  for (const key of keys) {
    table[hashOf(key) & (table.length - 1)]!.push(key);
    if (++count >= table.length * LOAD_FACTOR) table = doubled(table);
  }
  return table.flat();
}

/**
 * `ConcurrentHashMap.transfer`: each bucket is dealt out to two. Its last keys, as many as go to the same one, move as they
 * are; those before them are put in front, one by one, and so turn round.
 */
function doubled(table: string[][]): string[][] {
  const size = table.length;
  const next: string[][] = Array.from({ length: size * 2 }, () => []);
  for (const keys of table) {
    let run = keys.length - 1;
    while (run > 0 && hashBit(keys[run - 1]!, size) === hashBit(keys[run]!, size)) run--;
    for (const key of keys.slice(Math.max(run, 0))) next[hashOf(key) & (size * 2 - 1)]!.push(key);
    for (const key of keys.slice(0, Math.max(run, 0))) next[hashOf(key) & (size * 2 - 1)]!.unshift(key);
  }
  return next;
}

function hashBit(key: string, bit: number): number {
  return hashOf(key) & bit;
}

/** `String.hashCode`, spread as both maps do. */
function hashOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return hash ^ (hash >>> 16);
}

/** `Long.hashCode`, spread as HashMap does. */
function bucketOf(key: number, size: number): number {
  const hash = (key | 0) ^ Math.floor(key / 0x1_0000_0000);
  return (hash ^ (hash >>> 16)) & (size - 1);
}

const BUCKETS_DEFAULT = 16;
const LOAD_FACTOR = 0.75;

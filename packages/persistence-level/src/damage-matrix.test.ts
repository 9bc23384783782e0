import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Place } from '../test/place.ts';
import { append, zxids } from '../test/samples.ts';
import { Workbench, type Damaged, type Outcome } from '../test/workbench.ts';

/**
 * Every byte of the log's files is flipped, every piece zeroed, every file cut at every length and removed. What may
 * come of it is
 * - everything that was acknowledged;
 * - `DAMAGED`, with file, and nothing changed on the medium;
 * - where nobody remembers how much was synced: less by whole batches at the end, with a copy of what was cut off
 *   and a note; without a note only where the file ends neatly behind a batch, as if the rest had never been.
 */
const BATCHES = [zxids(1, 3), zxids(4, 8), zxids(9, 12)];

let place: Place;

beforeAll(async () => {
  place = await Place.create();
  const storage = await place.open();
  for (const batch of BATCHES) {
    append(storage.log, batch[0]!, batch.at(-1)!);
    await storage.log.sync();
  }
  await storage.close();
});

afterAll(async () => {
  await place.dispose();
});

describe.each([
  ['a write-ahead log, and it is known what was synced', { isTable: false, isKnown: true }],
  ['a write-ahead log, and nobody remembers what was synced', { isTable: false, isKnown: false }],
  ['a table, and nobody remembers what was synced', { isTable: true, isKnown: false }],
])('where all is in %s', (where, { isTable, isKnown }) => {
  beforeAll(async () => {
    // LevelDB turns the write-ahead log into a table when it opens.
    if (isTable) await (await place.open()).close();
  });

  test.each([
    ['a flipped bit', flips],
    ['zeros', zeros],
    ['an end that is too early', cuts],
    ['its loss', losses],
  ])(
    'damage to any file by %s is never served as if it were whole',
    { timeout: 120_000 },
    async (what, damages) => {
      const bench = await Workbench.at(place, isKnown, BATCHES);
      const counts: Record<Outcome, number> = { whole: 0, DAMAGED: 0, torn: 0, shorter: 0 };
      for (const name of bench.names) {
        for (const damaged of damages(bench.original(name))) counts[await bench.tryWith(name, damaged)]++;
      }

      console.log(`${where}, ${what}: ${JSON.stringify(counts)}`);
      const canLose = !isKnown && !isTable;
      expect(counts.DAMAGED).toBeGreaterThan(0);
      expect(counts.torn > 0).toBe(canLose && what !== 'its loss');
      expect(counts.shorter).toBe(canLose && what === 'an end that is too early' ? BATCHES.length : 0);
    },
  );
});

/** One bit of every byte, not always the same one. */
function* flips(bytes: Buffer): Generator<Damaged> {
  for (let at = 0; at < bytes.length; at++) {
    const copy = Buffer.from(bytes);
    copy[at]! ^= 1 << ((at * 5) % 8);
    yield copy;
  }
}

function* zeros(bytes: Buffer): Generator<Damaged> {
  for (let at = 0; at < bytes.length; at += 16) {
    yield Buffer.from(bytes).fill(0, at, Math.min(at + 16, bytes.length));
  }
}

function* cuts(bytes: Buffer): Generator<Damaged> {
  for (let length = 0; length < bytes.length; length++) yield bytes.subarray(0, length);
}

function* losses(): Generator<Damaged> {
  yield undefined;
}

import { describe, expect, test } from 'vitest';
import { type DataSet, fill } from './damage/data-set.ts';
import { damagesOf, type DamageKind, isSame } from './damage/damages.ts';
import { type PlaceKind, placeKinds } from './damage/places.ts';
import type { Files } from './damage/plain-disk.ts';
import { judge, type Verdict } from './damage/verdict.ts';

/**
 * One thing goes wrong with one file of a data directory, in every way, and a server starts on it: it serves all that
 * was acknowledged, or it refuses and names the file, and has changed nothing then.
 *
 * CORRAL_DAMAGE_MATRIX=whole tries every damage instead of one in many (where only snapshots differ from the first kind,
 * every damage to those); CORRAL_DAMAGE_SLICE=2/8 the second eighth.
 */
const IS_WHOLE = process.env['CORRAL_DAMAGE_MATRIX'] === 'whole';
const ONE_IN = 211;
const [SLICE, SLICES] = (process.env['CORRAL_DAMAGE_SLICE'] ?? '1/1').split('/').map(Number) as [
  number,
  number,
];
const TIMEOUT_MS = IS_WHOLE ? 3_600_000 : 120_000;
const SHOWN_MAX = 12;

describe.each(placeKinds)('damage to any file ($name)', ({ name, make, cost, own }) => {
  test(
    'is refused, or everything acknowledged is served',
    async () => {
      const { files, expected } = await filled(make);
      const counts = new Counts();
      const every = IS_WHOLE ? 1 : ONE_IN * cost;
      let index = 0;

      for (const damage of damagesOf(files)) {
        if (IS_WHOLE && own?.test(damage.path) === false && damage.kind !== 'its loss') continue;
        if (index++ % (every * SLICES) !== (SLICE - 1) * every && damage.kind !== 'its loss') continue;
        const content = damage.content();
        const damaged = new Map(files);
        if (content === undefined) damaged.delete(damage.path);
        else damaged.set(damage.path, content);
        const place = make(damaged);
        const verdict = await judge(() => place.open(), expected);
        const what = `${damage.kind} of ${damage.path} at byte ${damage.at}`;
        counts.add(damage.kind, verdict, what);
        const left = verdict === 'refused' ? place.files().get(damage.path) : content;
        const isLeft =
          content === undefined ? left === undefined : left !== undefined && isSame(left, content);
        if (!isLeft) counts.wrong.push(`${what}: refused, and changed`);
        place.dispose();
      }

      console.info(`${sizeOf(files)} bytes, ${name}: ${counts.toString()}`);
      expect(counts.wrong.slice(0, SHOWN_MAX)).toEqual([]);
      expect(counts.total).toBeGreaterThan(100 / SLICES);
    },
    TIMEOUT_MS,
  );
});

test.each(placeKinds.filter(({ own }) => own !== undefined))(
  'of $name all others are those of plain snapshots',
  async ({ make, own }) => {
    const { files: plain } = await filled(placeKinds[0]!.make);
    const { files } = await filled(make);

    const others = [...files].filter(([path]) => !own!.test(path));
    const changed = others.filter(([path, content]) => !isSame(content, plain.get(path)!));

    expect(others.length).toBeGreaterThan(3);
    expect(changed.map(([path]) => path)).toEqual([]);
  },
);

async function filled(make: PlaceKind['make']): Promise<{ files: Files; expected: DataSet }> {
  const place = make(new Map());
  const storage = await place.open();
  const expected = await fill(storage);
  await storage.close();
  const files = place.files();
  const copy = make(files);
  expect(await judge(() => copy.open(), expected)).toBe('served');
  place.dispose();
  copy.dispose();
  return { files, expected };
}

class Counts {
  readonly wrong: string[] = [];
  total = 0;
  readonly #counts = new Map<string, number>();

  add(kind: DamageKind, verdict: Verdict, name: string): void {
    this.total++;
    const key = `${kind} ${typeof verdict === 'string' ? verdict : 'WRONG'}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    if (typeof verdict !== 'string') this.wrong.push(`${name}: ${verdict.wrong}`);
  }

  toString(): string {
    return Array.from(this.#counts, ([key, count]) => `${key} ${count}`).join(', ');
  }
}

function sizeOf(files: ReadonlyMap<string, Uint8Array>): number {
  return [...files.values()].reduce((sum, { length }) => sum + length, 0);
}

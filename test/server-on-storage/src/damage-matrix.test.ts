import { fileStorage, type FileStorageOptions } from '@corral/persistence-file';
import { describe, expect, test } from 'vitest';
import { fill } from './damage/data-set.ts';
import { damaged, damagesOf, type DamageKind, isSame } from './damage/damages.ts';
import { PlainDisk } from './damage/plain-disk.ts';
import { judge, type Verdict } from './damage/verdict.ts';

/**
 * One thing goes wrong with one file of a data directory, in every way, and a server starts on it: it serves all that
 * was acknowledged, or it refuses and names the file, and has changed nothing then.
 *
 * CORRAL_DAMAGE_MATRIX=whole tries every damage instead of one in many; CORRAL_DAMAGE_SLICE=2/8 the second eighth.
 */
const IS_WHOLE = process.env['CORRAL_DAMAGE_MATRIX'] === 'whole';
const EVERY = IS_WHOLE ? 1 : 211;
const [SLICE, SLICES] = (process.env['CORRAL_DAMAGE_SLICE'] ?? '1/1').split('/').map(Number) as [
  number,
  number,
];
const TIMEOUT_MS = IS_WHOLE ? 3_600_000 : 120_000;
const SHOWN_MAX = 12;

describe.each<[string, Partial<FileStorageOptions>]>([
  ['plain snapshots', {}],
  ['gzip snapshots', { snapshotCompression: 'gz' }],
  ['snappy snapshots', { snapshotCompression: 'snappy' }],
])('damage to any of Apache ZooKeeper’s files (%s)', (name, options) => {
  test(
    'is refused, or everything acknowledged is served',
    async () => {
      const disk = new PlainDisk();
      const open = (on: PlainDisk) =>
        fileStorage({ dataDir: '/data', dataLogDir: '/log', disk: on, preAllocSizeKb: 2, ...options });
      const storage = await open(disk);
      const expected = await fill(storage);
      await storage.close();
      const { files } = disk;
      expect(await judge(() => open(new PlainDisk(files)), expected)).toBe('served');
      const counts = new Counts();
      let index = 0;

      for (const damage of damagesOf(files)) {
        if (index++ % (EVERY * SLICES) !== (SLICE - 1) * EVERY && damage.content !== undefined) continue;
        const after = new PlainDisk(damaged(files, damage));
        const verdict = await judge(() => open(after), expected);
        counts.add(damage.kind, verdict, `${damage.kind} of ${damage.path} at byte ${damage.at}`);
        if (verdict === 'refused') {
          const left = after.files.get(damage.path);
          const isLeft = damage.content === undefined ? left === undefined : isSame(left!, damage.content);
          if (!isLeft) counts.wrong.push(`${damage.path} was refused and changed`);
        }
      }

      console.info(`${sizeOf(files)} bytes, ${name}: ${counts.toString()}`);
      expect(counts.wrong.slice(0, SHOWN_MAX)).toEqual([]);
      expect(counts.total).toBeGreaterThan(500 / SLICES);
    },
    TIMEOUT_MS,
  );
});

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

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zxidOf } from '@corral/protocol';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { afterAll, describe, expect, test } from 'vitest';
import { type Cut, type CutOptions, cutsOf, inDirectory, Openings } from '../test/power-cut/cuts.ts';
import { record, type Recording } from '../test/power-cut/recording.ts';
import type { Step } from '../test/power-cut/steps.ts';
import { whyNotRecorded } from '../test/power-cut/system-calls.ts';
import { workloads } from '../test/power-cut/workloads.ts';

/**
 * LevelDB writes its files itself. So processes that use the storage are recorded, system call by system call, and
 * what a power cut behind each of them can leave is opened: never refused, and what was acknowledged is there.
 *
 * CORRAL_CRASH_POINTS=long opens some seventy thousand such directories; CORRAL_CRASH_SLICE=2/8 is the second eighth of it.
 */
const IS_LONG = process.env['CORRAL_CRASH_POINTS'] === 'long';
const [SLICE, SLICES] = (process.env['CORRAL_CRASH_SLICE'] ?? '1/1').split('/').map(Number) as [
  number,
  number,
];
const SEED = Number(process.env['CORRAL_SEED'] ?? 1);
const TIMEOUT_MS = IS_LONG ? 3_600_000 : 120_000;
const BY_CHANCE = IS_LONG ? 150 : 1;
const EVERY = IS_LONG ? 1 : 11;
/** Of cuts after which the power goes again; of short runs, after every third workload. */
const AGAIN = IS_LONG ? 12 : 1;
const BY_CHANCE_AGAIN = IS_LONG ? 28 : 1;

const reason = whyNotRecorded();
if (reason !== undefined) console.log(`power cuts of LevelDB are not tried: ${reason}`);
const root = mkdtempSync(join(tmpdir(), 'corral-power-cut-'));
const distinct = new Set<string>();
afterAll(() => {
  rmSync(root, { recursive: true });
  console.log(`seed ${SEED}: ${distinct.size} directories that differ, in all`);
});
const tried = IS_LONG ? workloads : workloads.filter(({ cost }) => cost === 1);
const triedAgain = tried.filter(({ cost }, i) => cost === 1 && (IS_LONG || i % 3 === 2));

describe.runIf(reason === undefined)(
  'after a power cut at any time, a storage opens with what was acknowledged',
  { timeout: TIMEOUT_MS },
  () => {
    test.for(tried)('where $name', async ({ name, steps, cost }) => {
      const recording = record(root, steps);
      const openings = new Openings(root, distinct);

      for (const cut of cutsOf(recording, options(Math.ceil(BY_CHANCE / cost), EVERY * cost))) {
        await openings.check(cut, recording.data);
        if (openings.isFaulty) break;
      }

      console.log(`${name}: ${openings.opened} directories`);
      expect(openings.faults).toEqual([]);
      expect(openings.opened).toBeGreaterThan(recording.calls.length / EVERY / cost / SLICES / 4);
    });

    test.for(triedAgain)(
      'and after another while that opens it and goes on, where $name',
      async ({ name, steps }) => {
        const recording = record(root, steps);
        const openings = new Openings(root, distinct);

        for (const cut of chosen(recording)) {
          await cutAgain(cut, recording, openings);
          if (openings.isFaulty) break;
        }

        console.log(`${name}, and again: ${openings.opened} directories`);
        expect(openings.faults).toEqual([]);
        expect(openings.opened).toBeGreaterThan(0);
      },
    );
  },
);

/**
 * A process that died of a failed sync leaves entries that read well and that the kernel calls clean: syncing the same
 * file again makes nothing durable.
 */
test.runIf(reason === undefined)(
  'what opening finds in a write-ahead log is in a new table, and synced, before the log is removed',
  () => {
    const [append, sync] = workloads[0]!.steps as [Step, Step];
    const { calls, data, marks } = record(root, [append, sync, ['die'], ['accepted', 1]]);

    const second = calls.findLastIndex(({ kind, path }) => kind === 'open' && path === marks);
    const since = calls.slice(second);
    const opened = since.findIndex(({ kind, path }) => kind === 'write' && path === marks);
    const table = since.find(({ kind, path }) => kind === 'open' && /level-log\/\d+\.ldb$/.test(path))!;
    const written = since.findLastIndex(({ kind, path }) => kind === 'write' && path === table.path);
    const synced = since.findIndex(
      ({ kind, path }, i) => i > written && kind === 'sync' && path === table.path,
    );
    const named = since.findIndex(
      ({ kind, path }, i) => i > synced && kind === 'sync' && path.startsWith(`${data}/level-log/MANIFEST`),
    );
    const removed = since.findIndex(
      ({ kind, path }) => kind === 'unlink' && /level-log\/\d+\.log$/.test(path),
    );
    expect([written, synced, named, removed, opened]).toEqual(
      [written, synced, named, removed, opened].toSorted((a, b) => a - b),
    );
    expect(written).toBeGreaterThan(0);
  },
);

/** Some cuts of a recording, drawn evenly over its length. */
function* chosen(recording: Recording): Generator<Cut> {
  const random = new SimulatedRandom(SEED + 1);
  const step = recording.calls.length / AGAIN;
  const calls = new Set(
    Array.from({ length: AGAIN }, (_, i) => Math.floor((i + random.below(1000) / 1000) * step)),
  );
  const isCutBehind = (call: number): boolean => calls.has(call);
  let i = 0;
  // Of three, the one by chance.
  for (const cut of cutsOf(recording, { random, byChance: 1, isCutBehind })) if (i++ % 3 === 2) yield cut;
}

/** Somebody opens what a cut has left, and goes on; then the power is cut once more. */
async function cutAgain(
  { image, expected, at }: Cut,
  { data }: Recording,
  openings: Openings,
): Promise<void> {
  const { opened, last } = await inDirectory(root, image, data, async (storage) => ({
    opened: await expected.found(storage),
    last: storage.log.lastZxid,
  }));
  const steps: Step[] = [
    ['append', zxidOf(0, last + 1), zxidOf(0, last + 3), 500],
    ['sync'],
    ['snapshot', zxidOf(0, last + 3), 2000],
  ];
  const again = record(root, steps, image, data);
  const every = options(BY_CHANCE_AGAIN, EVERY);
  for (const cut of cutsOf(again, every, expected, opened)) {
    await openings.check({ ...cut, at: `${at}; and ${cut.at}` }, again.data);
    if (openings.isFaulty) return;
  }
}

function options(byChance: number, every: number): CutOptions {
  return {
    random: new SimulatedRandom(SEED),
    byChance,
    isCutBehind: (call) => call % every === 0 && Math.floor(call / every) % SLICES === SLICE - 1,
  };
}

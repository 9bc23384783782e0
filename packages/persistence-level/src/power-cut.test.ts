import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Zxid, zxidOf } from '@corral/protocol';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { afterAll, describe, expect, test } from 'vitest';
import { DiskHistory, type Image, writeImage } from '../test/power-cut/disk-history.ts';
import { Expectation, type Step } from '../test/power-cut/steps.ts';
import { type Call, recordCalls, whyNotRecorded } from '../test/power-cut/system-calls.ts';
import { levelStorage } from './index.ts';

/**
 * LevelDB writes its files itself. So a process that uses the storage is recorded, system call by system call, and
 * what a power cut behind each of them can leave is opened: never refused, and what was acknowledged is there.
 *
 * CORRAL_CRASH_POINTS=long opens fifty thousand such directories; CORRAL_CRASH_SLICE=2/8 is the second eighth of it.
 */
const IS_LONG = process.env['CORRAL_CRASH_POINTS'] === 'long';
const BY_CHANCE = IS_LONG ? 24 : 1;
const EVERY = IS_LONG ? 1 : 9;
const [SLICE, SLICES] = (process.env['CORRAL_CRASH_SLICE'] ?? '1/1').split('/').map(Number) as [
  number,
  number,
];
const SEED = Number(process.env['CORRAL_SEED'] ?? 1);
const TIMEOUT_MS = IS_LONG ? 3_600_000 : 120_000;

const cycle = (first: number, count: number, bytes: number): Step[] => [
  ['append', zxid(first), zxid(first + count - 1), bytes],
  ['sync'],
];

const WORKLOADS: readonly (readonly [string, readonly Step[]])[] = [
  ['entries are appended and synced', Array.from({ length: 10 }, (_, i) => cycle(i * 3 + 1, 3, 200)).flat()],
  [
    'entries go through blocks of the write-ahead log',
    Array.from({ length: 8 }, (_, i) => cycle(i * 5 + 1, 5, 4000)).flat(),
  ],
  [
    'epochs are set and snapshots taken',
    [
      ['accepted', 1],
      ['current', 1],
      ...cycle(1, 4, 300),
      ['snapshot', zxid(4), 3000],
      ...cycle(5, 4, 300),
      ['accepted', 2],
      ['snapshot', zxid(8), 70_000],
      ['current', 2],
      ...cycle(9, 2, 300),
    ],
  ],
  [
    'log and snapshots are purged',
    [
      ...[0, 4, 8, 12].flatMap((first): Step[] => [
        ...cycle(first + 1, 4, 500),
        ['snapshot', zxid(first + 4), 2000],
      ]),
      ['purge-snapshots', 2],
      ['purge-log', zxid(9)],
      ...cycle(17, 3, 500),
    ],
  ],
  [
    'the log is truncated and goes on',
    [
      ...cycle(1, 6, 200),
      ...cycle(7, 6, 200),
      ['truncate', zxid(8)],
      ...cycle(9, 3, 260),
      ['truncate', zxid(5)],
      ...cycle(6, 2, 90),
    ],
  ],
  [
    'it is closed and opened again',
    [
      ...cycle(1, 4, 300),
      ['reopen'],
      ...cycle(5, 4, 300),
      ['snapshot', zxid(8), 2500],
      ['reopen'],
      ...cycle(9, 4, 300),
    ],
  ],
];

const SCRIPT = join(import.meta.dirname, '../test/power-cut/take-steps.ts');
const reason = whyNotRecorded();
if (reason !== undefined) console.log(`power cuts of LevelDB are not tried: ${reason}`);
const root = mkdtempSync(join(tmpdir(), 'corral-power-cut-'));
afterAll(() => rmSync(root, { recursive: true }));

describe.runIf(reason === undefined)(
  'after a power cut at any time, a storage opens with what was acknowledged, where',
  () => {
    test.for(WORKLOADS)('%s', { timeout: TIMEOUT_MS }, async ([name, steps]) => {
      const home = mkdtempSync(join(root, 'recorded-'));
      const data = `${home}/data`;
      mkdirSync(data);
      const calls = recordCalls(
        SCRIPT,
        [data, `${home}/marks`, JSON.stringify(steps)],
        home,
        `${home}/trace`,
      );

      const { states, faults } = await cutEverywhere(calls, steps, data, `${home}/marks`);

      console.log(`${name}: ${states} states`);
      expect(faults).toEqual([]);
      expect(states).toBeGreaterThan(calls.length / EVERY / SLICES);
    });
  },
);

/**
 * A process that died of a failed sync leaves entries that read well and that the kernel calls clean: syncing the same
 * file again makes nothing durable.
 */
test.runIf(reason === undefined)(
  'what opening finds in a write-ahead log is in a new table, and synced, before the log is removed',
  () => {
    const home = mkdtempSync(join(root, 'recorded-'));
    const data = `${home}/data`;
    mkdirSync(data);
    const record = (steps: readonly Step[]): Call[] =>
      recordCalls(SCRIPT, [data, `${home}/marks`, JSON.stringify(steps)], home, `${home}/trace`);
    record(cycle(1, 5, 300));

    const calls = record([]);

    const opened = calls.findIndex(({ kind, path }) => kind === 'write' && path === `${home}/marks`);
    const table = calls.find(({ kind, path }) => kind === 'open' && /level-log\/\d+\.ldb$/.test(path))!;
    const written = calls.findLastIndex(({ kind, path }) => kind === 'write' && path === table.path);
    const synced = calls.findIndex(
      ({ kind, path }, i) => i > written && kind === 'sync' && path === table.path,
    );
    const named = calls.findIndex(
      ({ kind, path }, i) => i > synced && kind === 'sync' && /level-log\/MANIFEST/.test(path),
    );
    const removed = calls.findIndex(
      ({ kind, path }) => kind === 'unlink' && /level-log\/\d+\.log$/.test(path),
    );
    expect([written, synced, named, removed, opened]).toEqual(
      [written, synced, named, removed, opened].toSorted((a, b) => a - b),
    );
    expect(written).toBeGreaterThan(0);
  },
);

async function cutEverywhere(
  calls: readonly Call[],
  steps: readonly Step[],
  data: string,
  marks: string,
): Promise<{ states: number; faults: string[] }> {
  const random = new SimulatedRandom(SEED);
  const disk = new DiskHistory();
  const faults: string[] = [];
  let expected = new Expectation();
  let begun = 0;
  let isOpened = false;
  let states = 0;
  for (const [i, call] of calls.entries()) {
    if (call.path === marks) {
      const mark = call.kind === 'write' ? call.bytes.toString() : '';
      if (mark === 'begin\n') expected = expected.during(steps[begun]!);
      else if (mark === 'end\n') expected = expected.behind(steps[begun++]!);
      isOpened ||= mark !== '';
    }
    disk.add(call);
    if (i % EVERY !== 0 || Math.floor(i / EVERY) % SLICES !== SLICE - 1) continue;
    for (const image of imagesOf(disk, random)) {
      states++;
      const fault = await faultOf(image, data, expected);
      if (fault === undefined) continue;
      faults.push(`behind call ${i} (${call.kind} ${call.path.slice(data.length)}), step ${begun}: ${fault}`);
      if (faults.length > 5) return { states, faults };
    }
  }
  expect(isOpened && begun === steps.length, 'all steps were recorded').toBe(true);
  return { states, faults };
}

/** Those that differ. */
function imagesOf(disk: DiskHistory, random: SimulatedRandom): Image[] {
  const images = [disk.least(), disk.whole()];
  for (let i = 0; i < BY_CHANCE; i++) images.push(disk.byChance(random));
  return images.filter((image, i) => images.findIndex((other) => isDeepStrictEqual(image, other)) === i);
}

async function faultOf(image: Image, data: string, expected: Expectation): Promise<string | undefined> {
  const place = mkdtempSync(join(root, 'cut-'));
  try {
    writeImage(image, data, place);
    const storage = await levelStorage({ dataDir: place });
    try {
      return await expected.fault(storage);
    } finally {
      await storage.close();
    }
  } catch (cause) {
    return String(cause);
  } finally {
    rmSync(place, { recursive: true });
  }
}

function zxid(counter: number): Zxid {
  return zxidOf(0, counter);
}

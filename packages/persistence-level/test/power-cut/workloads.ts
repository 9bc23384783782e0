import { type Zxid, zxidOf } from '@corral/protocol';
import type { Step } from './steps.ts';

export interface Workload {
  readonly name: string;
  readonly steps: readonly Step[];
  /** How much dearer a directory of it is than others: the power is cut so much less often. */
  readonly cost: number;
}

const cycle = (first: number, count: number, bytes: number): Step[] => [
  ['append', zxid(first), zxid(first + count - 1), bytes],
  ['sync'],
];

const TERM: readonly Step[] = [0, 4, 8, 12].flatMap((first): Step[] => [
  ...cycle(first + 1, 4, 500),
  ['snapshot', zxid(first + 4), 2000],
]);

export const workloads: readonly Workload[] = [
  workload(
    'entries are appended and synced',
    ...Array.from({ length: 10 }, (_, i) => cycle(i * 3 + 1, 3, 200)).flat(),
  ),
  workload(
    'entries go through blocks of the write-ahead log',
    ...Array.from({ length: 8 }, (_, i) => cycle(i * 5 + 1, 5, 4000)).flat(),
  ),
  workload(
    'epochs are set and snapshots taken',
    ['accepted', 1],
    ['current', 1],
    ...cycle(1, 4, 300),
    ['snapshot', zxid(4), 3000],
    ...cycle(5, 4, 300),
    ['accepted', 2],
    ['snapshot', zxid(8), 70_000],
    ['current', 2],
    ...cycle(9, 2, 300),
  ),
  workload(
    'log and snapshots are purged',
    ...TERM,
    ['purge-snapshots', 2],
    ['purge-log', zxid(9)],
    ...cycle(17, 3, 500),
  ),
  workload(
    'the log is truncated and goes on',
    ...cycle(1, 6, 200),
    ...cycle(7, 6, 200),
    ['truncate', zxid(8)],
    ...cycle(9, 3, 260),
    ['truncate', zxid(5)],
    ...cycle(6, 2, 90),
  ),
  workload(
    'it is closed and opened again',
    ...cycle(1, 4, 300),
    ['reopen'],
    ...cycle(5, 4, 300),
    ['snapshot', zxid(8), 2500],
    ['reopen'],
    ...cycle(9, 4, 300),
  ),
  workload(
    'tables are compacted, and entries appended meanwhile',
    ...cycle(1, 4, 2000),
    ['reopen'],
    ...cycle(5, 4, 2000),
    ['reopen'],
    ...cycle(9, 4, 2000),
    ['reopen'],
    ...cycle(13, 4, 2000),
    ['beside', ['purge-log', zxid(11)]],
    ...[17, 19, 21, 23, 25, 27].flatMap((first) => cycle(first, 2, 700)),
    ['beside', ['purge-log', zxid(20)]],
    ...[29, 31, 33].flatMap((first) => cycle(first, 2, 700)),
  ),
  workload(
    'snapshots are taken, purged and given up, and entries appended meanwhile',
    ...cycle(1, 3, 400),
    ['beside', ['snapshot', zxid(3), 150_000]],
    ...[4, 6, 8].flatMap((first) => cycle(first, 2, 400)),
    ['reopen'],
    ['snapshot', zxid(9), 40_000],
    ['snapshot', zxid(9), 50_000],
    ['abandon', zxid(9), 90_000],
    ['beside', ['purge-snapshots', 1]],
    ...cycle(10, 3, 400),
  ),
  workload(
    'a learner takes a snapshot in place of all it had',
    ['accepted', 1],
    ...cycle(1, 5, 300),
    ['snapshot', zxid(5), 3000],
    ...cycle(6, 4, 300),
    ['snapshot', zxid(9), 3000],
    ['accepted', 2],
    ['snapshot', zxid(7), 6000],
    ['discard-above', zxid(7)],
    ['truncate', zxid(0)],
    ['current', 2],
    ...cycle(8, 3, 300),
    ['reopen'],
    ['truncate', zxid(9)],
    ...cycle(10, 2, 300),
  ),
  workload(
    'processes die and others go on',
    ...cycle(1, 4, 600),
    ['die'],
    ...cycle(5, 3, 600),
    ['beside', ['snapshot', zxid(7), 400_000]],
    ...cycle(8, 2, 600),
    ['die'],
    ...cycle(10, 3, 600),
    ['truncate', zxid(11)],
    ['die'],
    ['snapshot', zxid(11), 3000],
    ['beside', ['purge-log', zxid(9)]],
    ['die'],
    ...cycle(12, 3, 600),
  ),
  {
    name: 'LevelDB writes out what it has in memory, and compacts',
    // Its write buffer holds 8 MiB.
    steps: Array.from({ length: 12 }, (_, i) => cycle(i * 3 + 1, 3, 330_000)).flat(),
    cost: 24,
  },
];

function workload(name: string, ...steps: readonly Step[]): Workload {
  return { name, steps, cost: 1 };
}

function zxid(counter: number): Zxid {
  return zxidOf(0, counter);
}

import { equal } from 'node:assert/strict';
import type { Storage } from '@corral/persistence';
import { crashImages, MemoryDisk } from '@corral/persistence/memory';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, test } from 'vitest';
import { CrashModel } from '../test/crash-model.ts';
import { at, entry, range } from '@corral/persistence/compliance';
import { fileStorage, type FileStorageOptions } from './index.ts';

/**
 * The power is cut before every single operation of the disk, in every way the contract of `Disk` allows, also while
 * a recovery from an earlier cut is at work. Opening never refuses, and what was acknowledged is there.
 *
 * CORRAL_CRASH_POINTS=long tries many more possibilities by chance, and a second cut in every recovery. That is
 * four million states and an hour and a half of one core; CORRAL_CRASH_SLICE=2/8 is the second eighth of it.
 */
const IS_LONG = process.env['CORRAL_CRASH_POINTS'] === 'long';
const BY_CHANCE = IS_LONG ? 60 : 3;
const SECOND_CUT_EVERY = IS_LONG ? 1 : 17;
const GO_ON_EVERY = IS_LONG ? 1 : 5;
const TIMEOUT_MS = IS_LONG ? 3_600_000 : 120_000;
const [SLICE, SLICES] = (process.env['CORRAL_CRASH_SLICE'] ?? '1/1').split('/').map(Number) as [
  number,
  number,
];
const PROGRESS_EVERY = 20_000;
const SEED = Number(process.env['CORRAL_SEED'] ?? 1);

type Workload = (run: Run) => Promise<void>;

interface Run {
  readonly model: CrashModel;
  readonly open: (options?: Partial<FileStorageOptions>) => Promise<Storage>;
  /** The process dies and another takes its place; what the kernel has not written yet is not lost. */
  readonly die: () => void;
}

const WORKLOADS: readonly [string, Workload][] = [
  [
    'entries are appended one by one and in batches',
    async ({ model, open }) => {
      const storage = await open();
      for (const zxid of range(1, 3)) {
        model.append(storage, zxid, 60);
        await model.sync(storage);
      }
      for (const zxid of range(4, 9)) model.append(storage, zxid, 300);
      await model.sync(storage);
      model.append(storage, at(10), 6000);
      await model.sync(storage);
      for (const zxid of range(11, 40)) model.append(storage, zxid, 130);
      await model.sync(storage);
      model.append(storage, at(1, 1), 60);
      await storage.close();
    },
  ],
  [
    'syncs overlap, and entries are appended while one runs',
    async ({ model, open }) => {
      const storage = await open();
      const syncs: Promise<void>[] = [];
      for (const zxid of range(1, 12)) {
        model.append(storage, zxid, 100 + zxid * 20);
        if (zxid % 3 !== 0) syncs.push(model.sync(storage));
        if (zxid % 4 === 0) await syncs.at(-1);
        if (zxid % 5 === 0) storage.log.roll();
      }
      await Promise.all(syncs);
    },
  ],
  [
    'files end by their size',
    async ({ model, open }) => {
      const storage = await open({ txnLogSizeLimitKb: 1 });
      for (const zxid of range(1, 8)) {
        model.append(storage, zxid, 400);
        if (zxid % 4 !== 3) await model.sync(storage);
      }
      const sync = model.sync(storage);
      for (const zxid of range(9, 14)) model.append(storage, zxid, 300);
      await Promise.all([sync, model.sync(storage)]);
      await model.purgeLog(storage, at(6));
      model.append(storage, at(15), 60);
      await storage.close();
    },
  ],
  [
    'files are rolled, snapshots taken, and both purged',
    async ({ model, open }) => {
      const storage = await open();
      await model.snapshot(storage, at(0), 700);
      for (let cycle = 0; cycle < 4; cycle++) {
        const first = cycle * 4 + 1;
        for (const zxid of range(first, first + 2)) model.append(storage, zxid, 200);
        await model.sync(storage);
        storage.log.roll();
        model.append(storage, at(first + 3), 200);
        const [sync] = [model.sync(storage)];
        await model.snapshot(storage, at(first + 2), 1500);
        await sync;
        if (cycle === 1) await model.abandonSnapshot(storage, at(first + 3));
        await model.purgeSnapshots(storage, 2);
        if (cycle > 0) await model.purgeLog(storage, at(first - 3));
      }
      await storage.close();
    },
  ],
  [
    'the log is truncated, within a file, to an older file and to nothing',
    async ({ model, open }) => {
      const storage = await open();
      for (let file = 0; file < 4; file++) {
        for (const zxid of range(file * 3 + 1, file * 3 + 3)) model.append(storage, zxid, 150);
        await model.sync(storage);
        storage.log.roll();
      }
      await model.truncate(storage, at(11));
      model.append(storage, at(1, 1), 90);
      await model.sync(storage);
      await model.truncate(storage, at(5));
      model.append(storage, at(1, 2), 90);
      await model.sync(storage);
      await model.truncate(storage, at(0));
      model.append(storage, at(1, 3), 90);
      await model.sync(storage);
    },
  ],
  [
    'epochs change',
    async ({ model, open }) => {
      const storage = await open();
      for (const epoch of [1, 2, 10, 200]) {
        await model.setAccepted(storage, epoch);
        model.append(storage, at(1, epoch), 100);
        await model.sync(storage);
        await model.setCurrent(storage, epoch);
      }
    },
  ],
  [
    'the storage is closed and opened again and again',
    async ({ model, open }) => {
      for (let i = 0; i < 5; i++) {
        const storage = await open();
        await model.adopt(storage);
        for (const zxid of range(i * 3 + 1, i * 3 + 3)) model.append(storage, zxid, 333);
        if (i % 2 === 0) await model.sync(storage);
        await storage.close();
      }
    },
  ],
  [
    'the process dies again and again',
    async ({ model, open, die }) => {
      for (let i = 0; i < 5; i++) {
        const storage = await open();
        await model.adopt(storage);
        const first = storage.log.lastZxid + 1;
        for (const zxid of range(first, first + 4)) model.append(storage, zxid, 333);
        if (i === 1) await model.sync(storage);
        else if (i === 4) await storage.close();
        else void model.sync(storage).catch(() => {});
        for (let turn = 0; turn < i * 30; turn++) await Promise.resolve();
        die();
      }
    },
  ],
];

describe.each(WORKLOADS)('while %s', (name, workload) => {
  test.each([0, 4, 64])(
    'a power cut at any moment loses nothing that was acknowledged (%i KiB padding)',
    async (padding) => {
      const random = new SimulatedRandom(SEED);
      let disk = new MemoryDisk();
      const model = new CrashModel();
      const states = new CrashStates(random, padding);
      const collect = (): void => states.collect(disk, model, '');
      const die = (): void => {
        disk = disk.afterProcessDeath();
        disk.onOperation = collect;
      };
      disk.onOperation = collect;
      await workload({ model, die, open: (options) => openOn(disk, padding, options) });
      collect();

      const count = await states.checkAll(`${name}, ${padding} KiB padding`);

      console.info(`${count} states: ${name}, ${padding} KiB padding, seed ${SEED}`);
      expect(count).toBeGreaterThan(50 / SLICES);
    },
    TIMEOUT_MS,
  );
});

function openOn(
  disk: MemoryDisk,
  padding: number,
  options: Partial<FileStorageOptions> = {},
): Promise<Storage> {
  return fileStorage({ dataDir: '/data', dataLogDir: '/log', disk, preAllocSizeKb: padding, ...options });
}

interface CrashState {
  readonly name: string;
  readonly disk: MemoryDisk;
  readonly model: CrashModel;
}

/** What may be found after a cut, each with what must be found in it. */
class CrashStates {
  readonly #random: SimulatedRandom;
  readonly #padding: number;
  readonly #waiting: CrashState[] = [];
  #checked = 0;

  constructor(random: SimulatedRandom, padding: number) {
    this.#random = random;
    this.#padding = padding;
  }

  collect(disk: MemoryDisk, model: CrashModel, prefix: string): void {
    const last = disk.journal.at(-1);
    const moment = `${prefix}after operation ${disk.journal.length} (${last?.kind} ${last?.path})`;
    for (const image of crashImages(disk, this.#random, BY_CHANCE)) {
      this.#waiting.push({ name: `${moment}, ${image.name}`, disk: image.disk, model: model.copy() });
    }
  }

  /** Resolves with how many states were checked. */
  async checkAll(name: string): Promise<number> {
    let count = 0;
    let told = 0;
    for (let i = 0; i < this.#waiting.length; i++) {
      if (i % SLICES !== SLICE - 1) continue;
      const state = this.#waiting[i]!;
      const isCutAgain = Math.floor(i / SLICES) % SECOND_CUT_EVERY === 0;
      count += 1 + (isCutAgain ? await this.#checkCutAgain(state) : 0);
      if (!isCutAgain) await this.#check(state);
      if (count < told + PROGRESS_EVERY) continue;
      told = count;
      console.info(`${count} states, ${i} of ${this.#waiting.length} first cuts: ${name}, seed ${SEED}`);
    }
    return count;
  }

  /** Cuts the power once more, at every moment of the recovery. Resolves with how many states that gave. */
  async #checkCutAgain(state: CrashState): Promise<number> {
    const second = new CrashStates(this.#random, this.#padding);
    state.disk.onOperation = () => second.collect(state.disk, state.model, `${state.name}; then `);
    await this.#check(state);
    for (const cutAgain of second.#waiting) await second.#check(cutAgain);
    return second.#waiting.length;
  }

  async #check(state: CrashState): Promise<void> {
    try {
      const storage = await openOn(state.disk, this.#padding);
      state.disk.onOperation = () => {};
      await state.model.check(storage);
      if (this.#checked++ % GO_ON_EVERY === 0) await this.#checkStays(state, storage);
    } catch (cause) {
      throw new Error(`seed ${SEED}: ${state.name}: ${(cause as Error).message}`, { cause });
    }
  }

  /** What was found once is there for good, and the log goes on behind it. */
  async #checkStays(state: CrashState, storage: Storage): Promise<void> {
    await state.model.adopt(storage);
    const [worst] = crashImages(state.disk, this.#random, 0);
    const again = await openOn(worst!.disk, this.#padding);
    await state.model.check(again);
    const next = at(1, 1000);
    again.log.append(next, entry(next));
    await again.log.sync();
    await again.close();
    const [last] = crashImages(worst!.disk, this.#random, 0);
    const final = await openOn(last!.disk, this.#padding);
    equal(final.log.lastZxid, next);
    await final.close();
  }
}

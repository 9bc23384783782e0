import { at } from '@corral/persistence/compliance';
import { MemoryDisk } from '@corral/persistence/memory';
import { toZxid } from '@corral/protocol';
import { noMetrics, silentLogger } from '@corral/runtime';
import { expect, test } from 'vitest';
import { DIRECTORY } from '../test/files.ts';
import type { Settings } from './settings.ts';
import { readSyncedMark, SyncedMark } from './synced-mark.ts';

test('the mark says, after each sync, how far the log has been synced, however long the figures are', async () => {
  const settings = await settingsOn(new MemoryDisk());
  const mark = new SyncedMark(settings, undefined);
  let before: { first: number; offset: number }[] = [];
  for (const first of [at(1), at(0xab), toZxid(0x3_0000_0001)]) {
    await mark.begin(first);
    expect(await readSyncedMark(settings)).toEqual([{ first, offset: 16 }, ...before]);
    for (const offset of [97, 99, 100, 9999, 10_000, 10_009, 67_108_880, 4_294_967_296, 99_999_999_999]) {
      mark.note(offset);
      expect(await readSyncedMark(settings)).toEqual([{ first, offset }, ...before]);
    }
    before = [{ first, offset: 99_999_999_999 }];
  }
  await mark.cut({ first: at(1), offset: 50 });
  mark.note(60);
  expect(await readSyncedMark(settings)).toEqual([{ first: at(1), offset: 60 }]);
});

async function settingsOn(disk: MemoryDisk): Promise<Settings> {
  const metrics = noMetrics();
  await disk.makeDirectory('/data');
  await disk.makeDirectory(DIRECTORY);
  return {
    disk,
    snapshotDirectory: DIRECTORY,
    logDirectory: DIRECTORY,
    logger: silentLogger,
    preAllocBytes: 0,
    logBytesMax: Number.POSITIVE_INFINITY,
    snapshotCompression: '',
    forceSync: true,
    entryBytesMax: 1000,
    snapshotBytesMax: 1000,
    fsyncWarningThresholdMs: 1000,
    fsyncTime: metrics.summary('fsynctime'),
    fsyncThresholdExceeded: metrics.counter('fsync_threshold_exceed_count'),
  };
}

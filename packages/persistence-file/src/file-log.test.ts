import { MemoryDisk } from '@corral/persistence/memory';
import { noMetrics, silentLogger, type LogFields } from '@corral/runtime';
import { describe, expect, test } from 'vitest';
import {
  contentOf,
  hex,
  namesOn,
  openOn,
  overwrite,
  put,
  remove,
  toHex,
  withLogs,
  zxidsIn,
} from '../test/files.ts';
import { at, entry, range } from '@corral/persistence/compliance';
import { adler32 } from './adler32.ts';

/** What Apache 3.9.5 wrote when its first client connected: a createSession. */
const APACHE_LOG = hex(
  `
  5a4b4c47 00000002 0000000000000000   ZKLG, version, dbid
  00000000ba790a86                     Adler-32 of the entry
  00000030                             its length
  0100004b23300000                       clientId
  00000000                               cxid
  0000000000000001                       zxid
  000001a1f89314f4                       time
  fffffff6                               type: createSession
  00004e20                               timeout
  00000002 0000000051c6d660              digest: version, value
  42                                   B`.replaceAll(
    / {3,}\S.*$/gm,
    (line) => line.match(/^ *(?:[0-9a-f]+ ?)+/)?.[0] ?? '',
  ),
);

const APACHE_ENTRY = APACHE_LOG.subarray(16 + 12, 16 + 12 + 48);

describe('a log file', () => {
  test('is, byte for byte, what Apache writes', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    storage.log.append(at(1), APACHE_ENTRY);
    await storage.log.sync();
    const content = await contentOf(disk, 'log.1');
    expect(toHex(content.subarray(0, APACHE_LOG.length))).toBe(toHex(APACHE_LOG));
    expect(content.subarray(APACHE_LOG.length).every((byte) => byte === 0)).toBe(true);
  });

  test('is 67108880 bytes long at first', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk, { preAllocSizeKb: 65536 });
    storage.log.append(at(1), entry(at(1)));
    await storage.log.sync();
    expect(await disk.stat('/data/version-2/log.1')).toEqual({ isDirectory: false, size: 67_108_880 });
  });

  test('of Apache is read', async () => {
    const disk = new MemoryDisk();
    await (await openOn(disk)).close();
    await put(disk, 'log.1', APACHE_LOG);
    const storage = await openOn(disk);
    const found: string[] = [];
    await storage.log.read(at(0), ({ zxid, bytes, file, offset }) => {
      found.push(`${zxid} ${toHex(bytes)} ${file} ${offset}`);
    });
    expect(found).toEqual([`1 ${toHex(APACHE_ENTRY)} /data/version-2/log.1 16`]);
  });

  test('is made when its first entry is synced, and named after it in hexadecimal', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    expect(await namesOn(disk)).toEqual([]);
    storage.log.append(at(0x1a), entry(at(0x1a)));
    storage.log.roll();
    storage.log.append(at(0xff, 3), entry(at(0xff, 3)));
    expect(await namesOn(disk)).toEqual([]);
    await storage.log.sync();
    expect(await namesOn(disk)).toEqual(['corral.synced', 'log.1a', 'log.3000000ff']);
  });

  test('that was found is not written to: after opening a new one begins', async () => {
    const disk = await withLogs(new MemoryDisk(), [range(1, 3)]);
    const before = await contentOf(disk, 'log.1');
    const storage = await openOn(disk);
    storage.log.append(at(4), entry(at(4)));
    await storage.close();
    expect(await contentOf(disk, 'log.1')).toEqual(before);
    expect(await namesOn(disk)).toContain('log.4');
  });

  test('grows by its padding when a batch comes within 4 KiB of its end', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk, { preAllocSizeKb: 8 });
    const sizes: number[] = [];
    for (const zxid of range(1, 8)) {
      storage.log.append(zxid, entry(zxid, 1000));
      await storage.log.sync();
      sizes.push((await disk.stat('/data/version-2/log.1'))!.size);
    }
    expect(sizes).toEqual([8208, 8208, 8208, 8208, 8208, 16_400, 16_400, 16_400]);
  });

  test('that holds more than its limit after a commit gets no more entries, and snapshots do not hear of it', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk, { txnLogSizeLimitKb: 1 });
    for (const zxid of range(1, 6)) {
      storage.log.append(zxid, entry(zxid, 500));
      await storage.log.sync();
    }
    for (const zxid of range(7, 12)) storage.log.append(zxid, entry(zxid, 500));
    await storage.log.sync();
    storage.log.append(at(13), entry(at(13)));
    storage.log.roll();
    storage.log.append(at(14), entry(at(14)));
    await storage.log.sync();

    expect(await namesOn(disk)).toEqual(
      expect.arrayContaining(['log.1', 'log.3', 'log.5', 'log.7', 'log.d', 'log.e']),
    );
    expect((await namesOn(disk)).filter((name) => name.startsWith('log.'))).toHaveLength(6);
    expect(await zxidsIn(storage)).toEqual(range(1, 14));
    expect(storage.log.sinceRoll).toEqual({ entries: 1, bytes: 60 });
  });

  test('has no limit unless it is above 0', async () => {
    for (const txnLogSizeLimitKb of [undefined, 0, -1]) {
      const disk = new MemoryDisk();
      const storage = await openOn(disk, txnLogSizeLimitKb === undefined ? {} : { txnLogSizeLimitKb });
      for (const zxid of range(1, 6)) {
        storage.log.append(zxid, entry(zxid, 500));
        await storage.log.sync();
      }
      expect(storage.log.sinceRoll).toEqual({ entries: 6, bytes: 3000 });
      expect((await namesOn(disk)).filter((name) => name.startsWith('log.'))).toEqual(['log.1']);
    }
  });

  test('may be written without padding', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk, { preAllocSizeKb: 0 });
    storage.log.append(at(1), APACHE_ENTRY);
    await storage.log.sync();
    expect(await contentOf(disk, 'log.1')).toEqual(APACHE_LOG);
  });
});

describe('a sync', () => {
  test('is one write and one datasync for all that gathered', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    storage.log.append(at(1), entry(at(1)));
    await storage.log.sync();
    const before = disk.journal.length;
    for (const zxid of range(2, 500)) storage.log.append(zxid, entry(zxid));
    await storage.log.sync();
    const ofLog = disk.journal.slice(before).filter(({ path }) => path.endsWith('log.1'));
    expect(ofLog.map(({ kind }) => kind)).toEqual(['write', 'datasync']);
  });

  test('that takes longer than the threshold is logged and counted', async () => {
    const disk = new MemoryDisk();
    const warnings: LogFields[] = [];
    const metrics = noMetrics();
    const logger = { ...silentLogger, warn: (fields: LogFields) => void warnings.push(fields) };
    const storage = await openOn(disk, { logger, metrics, fsyncWarningThresholdMs: -1 });
    storage.log.append(at(1), entry(at(1)));
    await storage.log.sync();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ file: '/data/version-2/log.1' });
    expect(metrics.counter('fsync_threshold_exceed_count').value).toBe(1);
  });

  test('is left out where forceSync is off', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk, { forceSync: false });
    for (const zxid of range(1, 3)) {
      storage.log.append(zxid, entry(zxid));
      await storage.log.sync();
    }
    await (await storage.snapshots.create(at(3))).abort();
    expect(disk.journal.map(({ kind }) => kind)).not.toContain('datasync');
    expect(disk.journal.map(({ kind }) => kind)).not.toContain('syncDirectory');
    expect(await zxidsIn(await openOn(disk.afterProcessDeath()))).toEqual(range(1, 3));
  });

  test('takes as many short writes as the disk wants', async () => {
    const disk = new MemoryDisk();
    disk.faults = ({ kind }) => (kind === 'write' ? { writeAtMost: 7 } : undefined);
    const storage = await openOn(disk);
    for (const zxid of range(1, 3)) storage.log.append(zxid, entry(zxid));
    await storage.close();
    disk.faults = () => undefined;
    expect(await zxidsIn(await openOn(disk))).toEqual(range(1, 3));
  });

  test('never leaves more than 4 MiB and an entry unsynced', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk, { preAllocSizeKb: 65536 });
    for (const zxid of range(1, 25)) storage.log.append(zxid, entry(zxid, 500_000));
    let unsynced = 0;
    let most = 0;
    disk.onOperation = ({ kind, path, length }) => {
      if (!path.endsWith('log.1')) return;
      if (kind === 'write') unsynced += length!;
      if (kind === 'datasync') unsynced = 0;
      most = Math.max(most, unsynced);
    };
    await storage.log.sync();
    expect(most).toBeGreaterThan(1 << 20);
    expect(most).toBeLessThan((1 << 22) + 500_000 + (1 << 19));
    expect(await zxidsIn(storage)).toEqual(range(1, 25));
  });
});

describe('a disk that refuses', () => {
  test.each([
    ['a write', 'write', 'NO_SPACE'],
    ['a datasync', 'datasync', 'IO'],
    ['a new file', 'create', 'NO_SPACE'],
    ['the directory', 'syncDirectory', 'IO'],
  ] as const)('%s ends the log for good, and nothing is tried again', async (_what, kind, error) => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    storage.log.append(at(1), entry(at(1)));
    await storage.log.sync();
    storage.log.roll();
    storage.log.append(at(2), entry(at(2)));
    disk.faults = (operation) => (operation.kind === kind ? { error } : undefined);
    await expect(storage.log.sync()).rejects.toMatchObject({ code: error });
    disk.faults = () => undefined;
    const before = disk.journal.length;
    await expect(storage.log.sync()).rejects.toMatchObject({ code: error });
    expect(() => storage.log.append(at(3), entry(at(3)))).toThrow(
      expect.objectContaining({ code: 'CLOSED' }),
    );
    await expect(storage.log.truncate(at(1))).rejects.toMatchObject({ code: error });
    expect(disk.journal).toHaveLength(before);
  });

  test('a truncation ends the log for good', async () => {
    const disk = await withLogs(new MemoryDisk(), [range(1, 3), range(4, 6)]);
    const storage = await openOn(disk);
    disk.faults = ({ kind }) => (kind === 'truncate' ? { error: 'IO' } : undefined);
    await expect(storage.log.truncate(at(2))).rejects.toMatchObject({ code: 'IO' });
    expect(() => storage.log.append(at(7), entry(at(7)))).toThrow(
      expect.objectContaining({ code: 'CLOSED' }),
    );
    disk.faults = () => undefined;
    expect(await zxidsIn(await openOn(disk.afterProcessDeath()))).toEqual(range(1, 3));
  });
});

describe('an entry', () => {
  test('longer than the limit is refused and leaves no trace', async () => {
    const storage = await openOn(new MemoryDisk(), { maxRecordBytes: 100 });
    expect(() => storage.log.append(at(1), entry(at(1), 101))).toThrow(RangeError);
    storage.log.append(at(1), entry(at(1), 100));
    await storage.log.sync();
    expect(await zxidsIn(storage)).toEqual([1]);
  });

  test('that stands twice is handed out once, as Apache leaves it now and then', async () => {
    const disk = await withLogs(new MemoryDisk(), [range(1, 4)]);
    const content = await contentOf(disk, 'log.1');
    await overwrite(disk, 'log.1', 16 + 4 * 73, content.subarray(16 + 2 * 73, 16 + 4 * 73));
    expect(await zxidsIn(await openOn(disk))).toEqual(range(1, 4));
  });

  test('that is an error under the zxid before it is passed over, also where it begins a file', async () => {
    const disk = await withLogs(new MemoryDisk(), [range(1, 4), [at(5)]]);
    const error = errorRecord(await contentOf(disk, 'log.5'), at(4));
    const rest = (await contentOf(disk, 'log.5')).subarray(16, 16 + 73);
    await remove(disk, 'log.5');
    await put(disk, 'log.4', joined(APACHE_LOG.subarray(0, 16), error, error, rest));
    await remove(disk, 'corral.synced');
    const storage = await openOn(disk);
    expect(storage.log.lastZxid).toBe(5);
    expect(await zxidsIn(storage)).toEqual(range(1, 5));
    for (const after of [2, 3, 4, 5]) {
      const found: string[] = [];
      await storage.log.read(at(after), ({ zxid, bytes }) => void found.push(`${zxid} ${toHex(bytes)}`));
      expect(found).toEqual(range(after + 1, 5).map((zxid) => `${zxid} ${toHex(entry(zxid))}`));
    }
  });

  test('is found wherever two processors of Apache have left it, files that begin with late ones included', async () => {
    const disk = await withLogs(new MemoryDisk(), [range(1, 40)]);
    const whole = await contentOf(disk, 'log.1');
    const record = (zxid: number): Uint8Array => whole.subarray(16 + (zxid - 1) * 73, 16 + zxid * 73);
    const file = (zxids: readonly number[]): Uint8Array =>
      joined(whole.subarray(0, 16), ...zxids.map(record));
    await remove(disk, 'log.1');
    await remove(disk, 'corral.synced');
    // One writes 1 to 30 and stops; the other is late, goes on to 40, and rolls at 11, 21 and 29.
    await put(
      disk,
      'log.1',
      file([1, 2, 3, 4, 1, 5, 6, 2, 3, 7, 8, 9, 10, 11, 12, 4, 5, 6, 7, 8, 9, 13, 10]),
    );
    await put(
      disk,
      'log.b',
      file([11, 14, 12, 15, 16, 17, 18, 13, 14, 19, 20, 21, 22, 15, 16, 17, 18, 23, 19, 20]),
    );
    await put(disk, 'log.15', file([21, 24, 22, 23, 25, 26, 27, 28, 29, 30, 24, 25, 26, 27, 28]));
    await put(disk, 'log.1d', file([29]));
    const storage = await openOn(disk);
    for (let after = 0; after <= 30; after++) {
      expect(await zxidsIn(storage, after), `after ${after}`).toEqual(range(after + 1, 30));
    }
    expect(storage.log.lastZxid).toBe(30);
    for (const last of [29, 25, 21, 20, 13, 12, 11, 9, 4, 1]) {
      await storage.log.truncate(at(last));
      expect(await zxidsIn(storage), `truncated to ${last}`).toEqual(range(1, last));
    }
    expect(await zxidsIn(await openOn(disk.afterProcessDeath()))).toEqual([1]);
  });

  test('that goes backwards with other bytes is damage', async () => {
    const disk = await withLogs(new MemoryDisk(), [range(1, 4)]);
    const other = await withLogs(new MemoryDisk(), [[at(3)]]);
    const record = (await contentOf(other, 'log.3')).slice(16, 16 + 73);
    record[40] = 0x55;
    await overwrite(disk, 'log.1', 16 + 73, record);
    const storage = await openOn(disk).catch((error: unknown) => error);
    expect(storage).toMatchObject({ code: 'DAMAGED', offset: 16 + 73 });
  });
});

/** A record like the first one of `log`, made the error of a request that could not be read. */
function errorRecord(log: Uint8Array, zxid: number): Uint8Array {
  const record = log.slice(16, 16 + 73);
  const view = new DataView(record.buffer);
  view.setBigInt64(12 + 12, BigInt(zxid));
  view.setInt32(12 + 28, -1);
  view.setUint32(4, adler32(record, 12, 72));
  return record;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

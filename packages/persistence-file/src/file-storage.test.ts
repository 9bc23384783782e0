import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at, entry, storageCases, type StorageFactory } from '@corral/persistence/compliance';
import { crashImage, MemoryDisk } from '@corral/persistence/memory';
import { describe, expect, test } from 'vitest';
import { fileStorage } from './index.ts';

const onMemoryDisk: StorageFactory = {
  capabilities: ['crash', 'failing-sync'],
  async create() {
    let disk = new MemoryDisk();
    return {
      open: () => fileStorage({ dataDir: '/data', dataLogDir: '/log', disk, preAllocSizeKb: 64 }),
      async crash() {
        const after = crashImage(disk);
        disk.powerOff();
        disk = after;
      },
      failSync() {
        disk.faults = ({ kind, path }) => {
          if (kind !== 'datasync' || !path.includes('/log.')) return undefined;
          disk.faults = () => undefined;
          return { error: 'IO' };
        };
      },
      async dispose() {},
    };
  },
};

const onRealDisk: StorageFactory = {
  capabilities: [],
  async create() {
    const dataDir = await mkdtemp(join(tmpdir(), 'corral-storage-'));
    return {
      open: () => fileStorage({ dataDir, preAllocSizeKb: 1024 }),
      crash: () => Promise.reject(new Error('a real disk does not crash on demand')),
      failSync: () => {
        throw new Error('a real disk does not fail on demand');
      },
      dispose: () => rm(dataDir, { recursive: true }),
    };
  },
};

describe.each([
  ['on a disk in memory', onMemoryDisk],
  ['on the file system', onRealDisk],
])('fileStorage keeps the contract of Storage %s', (_where, factory) => {
  const possible = storageCases.filter(({ requires }) =>
    requires.every((need) => factory.capabilities.includes(need)),
  );

  test.each(possible)('$name', async ({ run }) => {
    await expect(run(factory)).resolves.toBeUndefined();
  });
});

describe('the directories', () => {
  test('are made, all the way, and durable', async () => {
    const disk = new MemoryDisk();
    await (await fileStorage({ dataDir: '/a/b/data', dataLogDir: '/a/log', disk })).close();
    const after = crashImage(disk);
    expect(await after.stat('/a/b/data/version-2')).toMatchObject({ isDirectory: true });
    expect(await after.stat('/a/log/version-2')).toMatchObject({ isDirectory: true });
  });

  test('are not made where that is not wanted', async () => {
    const disk = new MemoryDisk();
    const opening = fileStorage({ dataDir: '/data', disk, autocreate: false });
    await expect(opening).rejects.toMatchObject({ code: 'NOT_FOUND', file: '/data/version-2' });
    expect(await disk.list('/')).toEqual([]);
  });

  test('are both locked', async () => {
    const disk = new MemoryDisk();
    await fileStorage({ dataDir: '/data', dataLogDir: '/log', disk });
    for (const options of [
      { dataDir: '/data' },
      { dataDir: '/log' },
      { dataDir: '/x', dataLogDir: '/log' },
    ]) {
      await expect(fileStorage({ ...options, disk })).rejects.toMatchObject({ code: 'LOCKED' });
    }
    await (await fileStorage({ dataDir: '/x', disk })).close();
  });

  test('must not hold what belongs in the other: dataLogDir was changed and the files were not moved', async () => {
    const disk = new MemoryDisk();
    const storage = await fileStorage({ dataDir: '/data', disk });
    storage.log.append(at(1), entry(at(1)));
    await storage.close();
    await expect(fileStorage({ dataDir: '/data', dataLogDir: '/log', disk })).rejects.toMatchObject({
      code: 'DAMAGED',
      file: '/data/version-2/log.1',
    });
    const sink = await (await fileStorage({ dataDir: '/snap', disk })).snapshots.create(at(1));
    await sink.write(entry(at(1)));
    await sink.commit({});
    const next = disk.afterProcessDeath();
    await expect(fileStorage({ dataDir: '/x', dataLogDir: '/snap', disk: next })).rejects.toMatchObject({
      code: 'DAMAGED',
      file: '/snap/version-2/snapshot.1',
    });
  });

  test('are let go of when opening fails', async () => {
    const disk = new MemoryDisk();
    const storage = await fileStorage({ dataDir: '/data', disk });
    await storage.close();
    await disk.open('/data/version-2/log.5.bak', 'create');
    for (let i = 0; i < 2; i++) {
      await expect(fileStorage({ dataDir: '/data', disk })).rejects.toMatchObject({ code: 'DAMAGED' });
    }
  });
});

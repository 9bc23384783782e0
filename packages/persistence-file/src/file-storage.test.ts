import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageCases, type StorageFactory } from '@corral/persistence/compliance';
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

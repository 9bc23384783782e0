import { describe, expect, test } from 'vitest';
import { storageCases, type StorageFactory } from '../compliance/index.ts';
import { MemoryMedium, memoryStorage } from './index.ts';

const factory: StorageFactory = {
  capabilities: ['crash', 'failing-sync'],
  async create() {
    const medium = new MemoryMedium();
    return {
      open: () => memoryStorage({ medium }),
      async crash() {
        medium.crash();
      },
      failSync() {
        medium.beforeSync = () => {
          medium.beforeSync = () => {};
          throw new Error('the medium is broken');
        };
      },
      async dispose() {},
    };
  },
};

describe('memoryStorage keeps the contract of Storage', () => {
  test.each(storageCases)('$name', async ({ run }) => {
    await expect(run(factory)).resolves.toBeUndefined();
  });
});

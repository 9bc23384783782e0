import { storageCases, type StorageFactory } from '@corral/persistence/compliance';
import { describe, expect, test } from 'vitest';
import { Place } from '../test/place.ts';

const onRealDisk: StorageFactory = {
  capabilities: ['crash', 'failing-sync'],
  async create() {
    const place = await Place.create();
    return {
      open: () => place.open(),
      crash: () => place.crash(),
      failSync: () => place.failLogWrite(1),
      dispose: () => place.dispose(),
    };
  },
};

describe('levelStorage keeps the contract of Storage', () => {
  test.each(storageCases)('$name', async ({ run }) => {
    await expect(run(onRealDisk)).resolves.toBeUndefined();
  });
});

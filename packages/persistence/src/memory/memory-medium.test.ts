import { describe, expect, test } from 'vitest';
import { at, entry } from '../compliance/samples.ts';
import { MemoryMedium, memoryStorage } from './index.ts';

describe('a medium', () => {
  test('ends with its storage when none is given', async () => {
    const storage = await memoryStorage();
    storage.log.append(at(1), entry(at(1)));
    await storage.close();
    expect((await memoryStorage()).state.isEmpty).toBe(true);
  });

  test('makes nothing durable before beforeSync has resolved', async () => {
    const medium = new MemoryMedium();
    const { promise, resolve } = Promise.withResolvers<void>();
    medium.beforeSync = () => promise;
    const storage = await memoryStorage({ medium });
    storage.log.append(at(1), entry(at(1)));
    const sync = storage.log.sync();
    const found: number[] = [];
    await storage.log.read(at(0), ({ zxid }) => void found.push(zxid));
    expect(found).toEqual([]);
    resolve();
    await sync;
    await storage.log.read(at(0), ({ zxid }) => void found.push(zxid));
    expect(found).toEqual([1]);
  });

  test('leaves a storage that has crashed with nothing it may do', async () => {
    const medium = new MemoryMedium();
    const storage = await memoryStorage({ medium });
    storage.log.append(at(1), entry(at(1)));
    medium.crash();
    await expect(storage.log.sync()).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(storage.epochs.setAccepted(1)).rejects.toMatchObject({ code: 'CLOSED' });
    expect((await memoryStorage({ medium })).log.lastZxid).toBe(0);
  });
});

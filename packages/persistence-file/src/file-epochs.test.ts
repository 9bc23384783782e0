import { MemoryDisk } from '@corral/persistence/memory';
import { describe, expect, test } from 'vitest';
import { contentOf, namesOn, openOn, put, withLogs } from '../test/files.ts';
import { at } from '@corral/persistence/compliance';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe('the epochs', () => {
  test('stand as decimal numbers in files of their own, as Apache has them', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    await storage.epochs.setAccepted(12);
    await storage.epochs.setCurrent(3);
    expect(new TextDecoder().decode(await contentOf(disk, 'acceptedEpoch'))).toBe('12');
    expect(new TextDecoder().decode(await contentOf(disk, 'currentEpoch'))).toBe('3');
    expect(await namesOn(disk)).toEqual(['acceptedEpoch', 'currentEpoch']);
  });

  test.each(['7', '7\n', '7\r\n', '07'])('are read from %j', async (content) => {
    const disk = new MemoryDisk();
    await (await openOn(disk)).close();
    await put(disk, 'acceptedEpoch', text(content));
    const { epochs } = await openOn(disk);
    expect(epochs.accepted).toBe(7);
    expect(epochs.current).toBeUndefined();
  });

  test.each(['', 'x', '-1', '1 2', '9999999', '\0\0', '1'.repeat(40)])(
    'that say %j are damage',
    async (content) => {
      for (const name of ['acceptedEpoch', 'currentEpoch']) {
        const disk = new MemoryDisk();
        await (await openOn(disk)).close();
        await put(disk, name, text(content));
        await expect(openOn(disk)).rejects.toMatchObject({
          code: 'DAMAGED',
          file: `/data/version-2/${name}`,
        });
      }
    },
  );

  test.each([
    ['2', '3'],
    [undefined, '3'],
  ])('are damage where %j was accepted and %j is the current one', async (accepted, current) => {
    const disk = new MemoryDisk();
    await (await openOn(disk)).close();
    if (accepted !== undefined) await put(disk, 'acceptedEpoch', text(accepted));
    await put(disk, 'currentEpoch', text(current));
    await expect(openOn(disk)).rejects.toMatchObject({
      code: 'DAMAGED',
      file: '/data/version-2/acceptedEpoch',
      offset: 0,
    });
  });

  test('are refused for good after a write has failed', async () => {
    const disk = new MemoryDisk();
    const storage = await openOn(disk);
    disk.faults = ({ kind }) => (kind === 'datasync' ? { error: 'IO' } : undefined);
    await expect(storage.epochs.setAccepted(1)).rejects.toMatchObject({ code: 'IO' });
    disk.faults = () => undefined;
    await expect(storage.epochs.setAccepted(1)).rejects.toMatchObject({ code: 'CLOSED' });
    expect(storage.epochs.accepted).toBeUndefined();
  });
});

describe('a currentEpoch.tmp', () => {
  test('becomes currentEpoch where the log is of a later epoch', async () => {
    const disk = await withLogs(new MemoryDisk(), [[at(1, 4)]]);
    await put(disk, 'acceptedEpoch', text('4'));
    await put(disk, 'currentEpoch', text('3'));
    await put(disk, 'currentEpoch.tmp', text('4'));
    const storage = await openOn(disk);
    expect(storage.epochs.current).toBe(4);
    expect(storage.state.repairs).toEqual(['currentEpoch.tmp became currentEpoch (4 after 3)']);
    expect(await namesOn(disk)).not.toContain('currentEpoch.tmp');
  });

  test.each([
    ['the log is not of a later epoch', 3, '4'],
    ['it does not reach the epoch of the log', 5, '4'],
    ['it is not whole', 5, ''],
  ])('is removed where %s', async (_why, epoch, content) => {
    const disk = await withLogs(new MemoryDisk(), [[at(1, epoch)]]);
    await put(disk, 'acceptedEpoch', text('4'));
    await put(disk, 'currentEpoch', text('3'));
    await put(disk, 'currentEpoch.tmp', text(content));
    const storage = await openOn(disk);
    expect(storage.epochs.current).toBe(3);
    expect(await namesOn(disk)).not.toContain('currentEpoch.tmp');
  });
});

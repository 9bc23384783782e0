import { at, sampleBody } from '@corral/persistence/compliance';
import { MemoryDisk } from '@corral/persistence/memory';
import { expect, test } from 'vitest';
import { namesOn, openOn } from '../test/files.ts';

test.each(['', 'gz', 'snappy'] as const)(
  'a storage can be closed at any moment of a snapshot (%j): it is whole, or there is nothing of it',
  async (snapshotCompression) => {
    const seen = new Set<string>();
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      const disk = new MemoryDisk();
      const storage = await openOn(disk, { snapshotCompression });
      const { snapshots } = storage;
      let outcome = 'under way';
      void takeSnapshot().then(
        () => (outcome = 'whole'),
        () => (outcome = 'nothing'),
      );
      for (let turn = 0; turn < turns; turn++) await passTurn(snapshotCompression);

      await storage.close();
      // The other callbacks of what settled with it.
      await passTurn('gz');

      const names = (await namesOn(disk)).filter((name) => name.includes('snapshot'));
      expect([outcome, names.length, names.filter((name) => name.includes('unfinished'))]).toEqual([
        outcome === 'whole' ? 'whole' : 'nothing',
        outcome === 'whole' ? 1 : 0,
        [],
      ]);
      seen.add(outcome);

      async function takeSnapshot(): Promise<void> {
        const sink = await snapshots.create(at(1));
        await sink.write(sampleBody(2000));
        await sink.commit({ lastProcessedZxid: at(1) });
      }
    }
    expect([...seen].toSorted()).toEqual(['nothing', 'whole']);
  },
);

/** Of what is awaited; packing takes turns of the event loop. */
async function passTurn(snapshotCompression: string): Promise<void> {
  if (snapshotCompression === 'gz') await new Promise((resolve) => setImmediate(resolve));
  else await Promise.resolve();
}

const TURNS_MAX = 150;

import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PersistenceError } from '@corral/persistence';
import { Database } from '../src/database.ts';
import { LevelLog } from '../src/level-log.ts';
import type { Place } from './place.ts';
import { found } from './samples.ts';

/** `undefined` is a file that is gone. */
export type Damaged = Buffer | undefined;

/** `torn` leaves a note and a copy of what was cut off, `shorter` nothing. */
export type Outcome = 'whole' | 'DAMAGED' | 'torn' | 'shorter';

/** A copy of a place in which one file after the other is damaged. */
export class Workbench {
  readonly #directory: string;
  readonly #start: string;
  readonly #originals: ReadonlyMap<string, Buffer>;
  readonly #batches: readonly (readonly number[])[];

  private constructor(
    directory: string,
    start: string,
    originals: ReadonlyMap<string, Buffer>,
    batches: readonly (readonly number[])[],
  ) {
    this.#directory = directory;
    this.#start = start;
    this.#originals = originals;
    this.#batches = batches;
  }

  /** @param batches what was appended, sync by sync */
  static async at(
    from: Place,
    isKnown: boolean,
    batches: readonly (readonly number[])[],
  ): Promise<Workbench> {
    const directory = `${from.directory}-bench`;
    await rm(directory, { recursive: true, force: true });
    await cp(from.directory, directory, { recursive: true });
    if (!isKnown) await rm(join(directory, 'level-log', 'corral.synced'));
    const names = (await readdir(join(directory, 'level-log'))).filter((name) => !name.startsWith('LO'));
    const originals = new Map<string, Buffer>();
    for (const name of names) originals.set(name, await readFile(join(directory, 'level-log', name)));
    const start = `${directory}-start`;
    await rm(start, { recursive: true, force: true });
    await cp(directory, start, { recursive: true });
    return new Workbench(directory, start, originals, batches);
  }

  get names(): readonly string[] {
    return [...this.#originals.keys()];
  }

  original(name: string): Buffer {
    return this.#originals.get(name)!;
  }

  async tryWith(name: string, damaged: Damaged): Promise<Outcome> {
    const path = join(this.#directory, 'level-log', name);
    await (damaged === undefined ? rm(path) : writeFile(path, damaged));
    const result = await this.#outcome();
    if (result === 'DAMAGED') {
      if (damaged !== undefined) assert.deepEqual(await readFile(path), damaged);
      await writeFile(path, this.original(name));
    } else {
      await rm(this.#directory, { recursive: true });
      await cp(this.#start, this.#directory, { recursive: true });
    }
    return result;
  }

  /** Throws where what comes out is none of what may. */
  async #outcome(): Promise<Outcome> {
    const repairs: string[] = [];
    let database: Database;
    try {
      const isSelfChecked = (): boolean => false;
      database = await Database.open({
        parent: this.#directory,
        name: 'level-log',
        isSelfChecked,
        autocreate: true,
        forceSync: true,
        repairs,
      });
    } catch (error) {
      assert.ok(error instanceof PersistenceError && error.code === 'DAMAGED', String(error));
      assert.match(error.file ?? '', /\/level-log\/./);
      return 'DAMAGED';
    }
    const after = await found({ log: await LevelLog.open(database) });
    await database.close();
    const count = this.#batches.findIndex((batch) => !after.includes(batch.at(-1)!));
    if (count < 0) assert.deepEqual(after, this.#batches.flat());
    else assert.deepEqual(after, this.#batches.slice(0, count).flat());
    if (count < 0) return 'whole';
    if (repairs.length === 0) return 'shorter';
    const names = await readdir(join(this.#directory, 'level-log'));
    assert.ok(names.some((name) => name.startsWith('torn-')));
    return 'torn';
  }
}

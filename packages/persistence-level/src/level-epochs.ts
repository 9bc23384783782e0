import { requireEpoch, type Epochs } from '@corral/persistence';
import type { Database } from './database.ts';
import { damagedRecord, KIND, keyOf, packRecord, unpackRecord } from './records.ts';

export class LevelEpochs implements Epochs {
  accepted: number | undefined;
  current: number | undefined;
  readonly #database: Database;

  private constructor(database: Database, accepted: number | undefined, current: number | undefined) {
    this.#database = database;
    this.accepted = accepted;
    this.current = current;
  }

  static async open(database: Database): Promise<LevelEpochs> {
    return new LevelEpochs(database, await readEpoch(database, ACCEPTED), await readEpoch(database, CURRENT));
  }

  async setAccepted(epoch: number): Promise<void> {
    this.#database.requireOpen();
    requireEpoch(epoch, this.accepted, undefined);
    await this.#write(ACCEPTED, epoch);
    this.accepted = epoch;
  }

  async setCurrent(epoch: number): Promise<void> {
    this.#database.requireOpen();
    requireEpoch(epoch, this.current, this.accepted ?? -1);
    await this.#write(CURRENT, epoch);
    this.current = epoch;
  }

  async #write(key: Buffer, epoch: number): Promise<void> {
    await this.#database.write([{ type: 'put', key, value: packRecord(key, epoch) }]);
  }
}

async function readEpoch(database: Database, key: Buffer): Promise<number | undefined> {
  const value = await database.get(key);
  if (value === undefined) return undefined;
  const epoch = unpackRecord(key, value, database.location);
  if (typeof epoch !== 'number') throw damagedRecord(key, database.location, 'not an epoch');
  return epoch;
}

const ACCEPTED = keyOf(KIND.epoch, 1);
const CURRENT = keyOf(KIND.epoch, 2);

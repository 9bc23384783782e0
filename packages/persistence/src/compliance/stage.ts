import type { Storage } from '../storage.ts';
import type { ComplianceCase, StorageCapability, StorageFactory, StorageFixture } from './fixture.ts';

/** The storage a case works on. */
export interface Stage {
  /** The one that is open now. */
  readonly storage: Storage;
  readonly fixture: StorageFixture;
  /** Whether `again` cuts the power, so that what was not synced need not be there. */
  readonly crashes: boolean;
  /**
   * What was made durable must be found again: nothing happens on a fresh store, it is closed and opened on a
   * reopened one, the power is cut on a crashed one.
   */
  again(): Promise<void>;
}

export type CaseBody = (stage: Stage) => Promise<void>;

/** The same sentence on a fresh, a reopened and a crashed store. */
export function onEveryStore(
  name: string,
  body: CaseBody,
  requires: readonly StorageCapability[] = [],
): ComplianceCase[] {
  return HISTORIES.map((history) => ({
    name: `${name} (${history} store)`,
    requires:
      history === 'crashed' && !requires.includes('crash') ? [...requires, 'crash' as const] : requires,
    run: (factory) => perform(factory, history, body),
  }));
}

type History = 'fresh' | 'reopened' | 'crashed';

const HISTORIES: readonly History[] = ['fresh', 'reopened', 'crashed'];

async function perform(factory: StorageFactory, history: History, body: CaseBody): Promise<void> {
  const fixture = await factory.create();
  try {
    const stage = new OpenStage(fixture, history, await fixture.open());
    await stage.again();
    await body(stage);
    await stage.storage.close();
  } finally {
    await fixture.dispose();
  }
}

class OpenStage implements Stage {
  storage: Storage;
  readonly fixture: StorageFixture;
  readonly #history: History;

  constructor(fixture: StorageFixture, history: History, storage: Storage) {
    this.fixture = fixture;
    this.#history = history;
    this.storage = storage;
  }

  get crashes(): boolean {
    return this.#history === 'crashed';
  }

  async again(): Promise<void> {
    if (this.#history === 'fresh') return;
    if (this.#history === 'reopened') await this.storage.close();
    else await this.fixture.crash();
    this.storage = await this.fixture.open();
  }
}

import type { Storage } from '@corral/persistence';
import { MemoryMedium, memoryStorage } from '@corral/persistence/memory';

/** The disk of a test server, over all lives of the server. */
export interface TestDisk {
  /** What is there is found again. Rejects with a `PersistenceError`. */
  open(): Promise<Storage>;
  /** The server has died with its storage open: nothing is stored by it any more, and the disk can be opened again. */
  crash(): Promise<void>;
}

/** What was not durable is lost when the server dies. */
export class MemoryTestDisk implements TestDisk {
  readonly #medium: MemoryMedium = new MemoryMedium();

  open(): Promise<Storage> {
    return memoryStorage({ medium: this.#medium });
  }

  async crash(): Promise<void> {
    this.#medium.crash();
  }
}

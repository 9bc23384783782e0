import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Snapshots as files in Apache's form, for those who fetch them. */
export class SnapshotFiles {
  readonly #folder: string;

  /** @param folder where they lie (`dataDir/version-2`) */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Wall-clock seconds. */
  takenAt(name: string): number {
    return Math.floor(statSync(join(this.#folder, name)).mtimeMs / 1000);
  }

  read(name: string): Readable {
    return createReadStream(join(this.#folder, name));
  }
}

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Storage } from '@corral/persistence';
import { fileStorage, type FileStorageOptions } from '@corral/persistence-file';
import { levelStorage } from '@corral/persistence-level';
import { type Files, PlainDisk } from './plain-disk.ts';

/** Files that one storage is opened on. */
export interface Place {
  open(): Promise<Storage>;
  /** What they hold now; those without meaning left out. */
  files(): Files;
  dispose(): void;
}

export interface PlaceKind {
  readonly name: string;
  readonly make: (files: ReadonlyMap<string, Uint8Array>) => Place;
  /** What opening one costs, against the cheapest. */
  readonly cost: number;
  /** Where all other files are, byte by byte, those of the first kind: only these are damaged in every way. */
  readonly own?: RegExp;
}

export const placeKinds: readonly PlaceKind[] = [
  { name: 'files of Apache ZooKeeper, plain snapshots', make: filesOfApache({}), cost: 1 },
  {
    name: 'files of Apache ZooKeeper, gzip snapshots',
    make: filesOfApache({ snapshotCompression: 'gz' }),
    cost: 1,
    own: /snapshot\./,
  },
  {
    name: 'files of Apache ZooKeeper, snappy snapshots',
    make: filesOfApache({ snapshotCompression: 'snappy' }),
    cost: 1,
    own: /snapshot\./,
  },
  { name: 'LevelDB', make: (files) => new LevelPlace(files), cost: 3 },
];

function filesOfApache(options: Partial<FileStorageOptions>): PlaceKind['make'] {
  return (files) => {
    const disk = new PlainDisk(files);
    return {
      open: () => fileStorage({ dataDir: '/data', dataLogDir: '/log', disk, preAllocSizeKb: 2, ...options }),
      files: () => disk.files,
      dispose() {},
    };
  };
}

/** LevelDB has no disk but the machine's. */
class LevelPlace implements Place {
  readonly #directory: string = mkdtempSync(join(tmpdir(), 'corral-damage-'));

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    for (const [path, content] of files) {
      mkdirSync(join(this.#directory, dirname(path)), { recursive: true });
      writeFileSync(join(this.#directory, path), content);
    }
  }

  open(): Promise<Storage> {
    return levelStorage({ dataDir: this.#directory, forceSync: true });
  }

  files(): Files {
    const files: Files = new Map();
    for (const entry of readdirSync(this.#directory, { recursive: true, withFileTypes: true })) {
      // LOCK, and LOG for the eyes of people.
      if (!entry.isFile() || /^LO(CK|G)/.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      files.set(path.slice(this.#directory.length), new Uint8Array(readFileSync(path)));
    }
    return files;
  }

  dispose(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

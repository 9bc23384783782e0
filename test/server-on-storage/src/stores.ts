import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Storage } from '@corral/persistence';
import { fileStorage } from '@corral/persistence-file';
import { levelStorage } from '@corral/persistence-level';
import { crashImage, MemoryDisk, MemoryMedium, memoryStorage } from '@corral/persistence/memory';

/** A place for data that can be opened again and again, and can be cut off while it is open. */
export interface Store {
  open(): Promise<Storage>;
  /**
   * The server dies. What `open` finds from now on is what its death has left; where the store can tell, what was not
   * synced is lost.
   */
  cut(): void;
  /** Leaves nothing. */
  dispose(): void;
}

export const stores: readonly { readonly name: string; readonly create: () => Store }[] = [
  { name: 'memory', create: inMemory },
  { name: 'files of Apache, with the power cut', create: filesInMemory },
  { name: 'files of Apache on a disk', create: () => onDisk((dataDir) => fileStorage({ dataDir })) },
  { name: 'LevelDB on a disk', create: () => onDisk((dataDir) => levelStorage({ dataDir })) },
];

function inMemory(): Store {
  const medium = new MemoryMedium();
  return { open: () => memoryStorage({ medium }), cut: () => medium.crash(), dispose: () => {} };
}

function filesInMemory(): Store {
  let disk = new MemoryDisk();
  return {
    open: () => fileStorage({ dataDir: '/data', disk }),
    cut() {
      const dead = disk;
      disk = crashImage(dead);
      dead.powerOff();
    },
    dispose: () => {},
  };
}

/** What lies on the disk at the moment is copied: that is what the death of a process leaves. */
function onDisk(openAt: (directory: string) => Promise<Storage>): Store {
  const root = mkdtempSync(join(tmpdir(), 'corral-server-'));
  let lives = 0;
  const directory = (): string => join(root, String(lives));
  return {
    open: () => openAt(directory()),
    cut() {
      const before = directory();
      lives++;
      cpSync(before, directory(), { recursive: true, filter: (path) => !path.endsWith('LOCK') });
    },
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

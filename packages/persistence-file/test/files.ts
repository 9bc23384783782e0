import { readFully, writeFully, type Disk, type Storage } from '@corral/persistence';
import type { MemoryDisk } from '@corral/persistence/memory';
import type { Zxid } from '@corral/protocol';
import { fileStorage, type FileStorageOptions } from '../src/index.ts';
import { entry } from '@corral/persistence/compliance';

/** `'00000001 2f'` as bytes. */
export function hex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/[0-9a-f]{2}/g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Snapshots and log in one directory, as most have it. */
export const DIRECTORY = '/data/version-2';

export function openOn(disk: Disk, options: Partial<FileStorageOptions> = {}): Promise<Storage> {
  return fileStorage({ dataDir: '/data', disk, preAllocSizeKb: 64, ...options });
}

export async function contentOf(disk: Disk, name: string): Promise<Uint8Array> {
  const path = `${DIRECTORY}/${name}`;
  const content = new Uint8Array((await disk.stat(path))!.size);
  await readFully(await disk.open(path, 'read'), content, 0);
  return content;
}

export async function put(disk: Disk, name: string, content: Uint8Array): Promise<void> {
  await writeFully(await disk.open(`${DIRECTORY}/${name}`, 'create'), content, 0);
}

export async function overwrite(disk: Disk, name: string, offset: number, bytes: Uint8Array): Promise<void> {
  await writeFully(await disk.open(`${DIRECTORY}/${name}`, 'update'), bytes, offset);
}

export async function cutTo(disk: Disk, name: string, length: number): Promise<void> {
  await (await disk.open(`${DIRECTORY}/${name}`, 'update')).truncate(length);
}

export async function remove(disk: Disk, name: string): Promise<void> {
  await disk.remove(`${DIRECTORY}/${name}`);
}

export async function namesOn(disk: Disk): Promise<string[]> {
  const names = await disk.list(DIRECTORY);
  return names.toSorted();
}

/** Each inner list goes to a file of its own, each entry to a sync of its own. The process then dies. */
export async function withLogs(disk: MemoryDisk, files: readonly (readonly Zxid[])[]): Promise<MemoryDisk> {
  const storage = await openOn(disk);
  for (const zxids of files) {
    storage.log.roll();
    for (const zxid of zxids) {
      storage.log.append(zxid, entry(zxid));
      await storage.log.sync();
    }
  }
  return disk.afterProcessDeath();
}

export async function zxidsIn(storage: Storage, after = 0): Promise<number[]> {
  const found: number[] = [];
  await storage.log.read(after as Zxid, ({ zxid }) => void found.push(zxid));
  return found;
}

/** What an `entry` takes in a file, and where the n-th (from 0) begins. */
export const RECORD_BYTES = 60 + 13;

export function recordAt(index: number): number {
  return 16 + index * RECORD_BYTES;
}

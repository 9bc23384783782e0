import type { ClusterDisk } from '@corral/testing';

/**
 * Files of snapshots become empty ones; on memory the snapshots are gone. Only while no process runs. Returns what
 * brings them back, later, to the same disk.
 */
export async function loseSnapshots(disk: ClusterDisk): Promise<() => Promise<void>> {
  const snapshots = [...disk.memory.durable.snapshots];
  disk.memory.durable.snapshots.clear();
  const contents = await emptied(disk);
  return async () => {
    for (const [zxid, snapshot] of snapshots) disk.memory.durable.snapshots.set(zxid, snapshot);
    disk.files.faults = () => undefined;
    for (const [path, bytes] of contents) {
      const file = await disk.files.open(path, 'update');
      file.writeNow(bytes, 0);
      await file.datasync();
    }
  };
}

async function emptied({ files }: ClusterDisk): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  files.faults = () => undefined;
  if ((await files.stat(DIRECTORY)) === undefined) return contents;
  for (const name of await files.list(DIRECTORY)) {
    if (!name.startsWith('snapshot.')) continue;
    const path = `${DIRECTORY}/${name}`;
    const bytes = new Uint8Array((await files.stat(path))!.size);
    const file = await files.open(path, 'update');
    await file.read(bytes, 0);
    await file.truncate(0);
    await file.datasync();
    contents.set(path, bytes);
  }
  return contents;
}

const DIRECTORY = '/data/version-2';

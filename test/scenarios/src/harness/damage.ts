import type { ClusterDisk } from '@corral/testing';

/** Files of snapshots become empty ones; on memory the snapshots are gone. Only while no process runs. */
export async function loseSnapshots({ memory, files }: ClusterDisk): Promise<void> {
  memory.durable.snapshots.clear();
  files.faults = () => undefined;
  if ((await files.stat(DIRECTORY)) === undefined) return;
  for (const name of await files.list(DIRECTORY)) {
    if (!name.startsWith('snapshot.')) continue;
    const file = await files.open(`${DIRECTORY}/${name}`, 'update');
    await file.truncate(0);
    await file.datasync();
  }
}

const DIRECTORY = '/data/version-2';

import { fileStorage } from '@corral/persistence-file';
import { Cluster, type ClusterOptions, type OpenOnDisk } from '@corral/testing';
import { describe, it } from 'vitest';

/** What a script begins with: the ensemble it asks for, on the storage that it is played on. */
export type NewCluster = (options?: ClusterOptions) => Cluster;

/** The same script on memory and on Apache's files. It ends with `cluster.ends()`, which compares everything. */
export function scenario(title: string, play: (newCluster: NewCluster) => Promise<void>): void {
  describe(title, () => {
    it.each(STORAGES)('$name', ({ storage }) => play((options = {}) => new Cluster({ storage, ...options })));
  });
}

/** A storage that writes files, on a simulated disk. */
export const onFiles: OpenOnDisk = (disk) => fileStorage({ dataDir: '/data', disk, preAllocSizeKb: 16 });

const STORAGES: readonly { readonly name: string; readonly storage: OpenOnDisk | undefined }[] = [
  { name: 'on memory', storage: undefined },
  { name: 'on files', storage: onFiles },
];

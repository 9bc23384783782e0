import { fileStorage } from '@corral/persistence-file';
import { Cluster, type ClusterOptions, type OpenOnDisk } from '@corral/testing';
import { describe, expect, it } from 'vitest';

/** What a script begins with: the ensemble it asks for, on the storage that it is played on. */
export type NewCluster = (options?: ClusterOptions) => Cluster;

/** The same script on memory and on Apache's files. It ends with `cluster.ends()`, which compares everything. */
export function scenario(title: string, play: (newCluster: NewCluster) => Promise<void>): void {
  describe(title, () => {
    it.each(STORAGES)('$name', async ({ storage }) => {
      const clusters: Cluster[] = [];
      await play((options = {}) => {
        const cluster = new Cluster({ storage, ...options });
        clusters.push(cluster);
        return cluster;
      });
      expect(clusters.map(({ world }) => world.violation?.message)).toEqual(clusters.map(() => undefined));
    });
  });
}

/** A storage that writes files, on a simulated disk. */
export const onFiles: OpenOnDisk = (disk) => fileStorage({ dataDir: '/data', disk, preAllocSizeKb: 16 });

const STORAGES: readonly { readonly name: string; readonly storage: OpenOnDisk | undefined }[] = [
  { name: 'on memory', storage: undefined },
  { name: 'on files', storage: onFiles },
];

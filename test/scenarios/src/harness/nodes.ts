import type { Cluster, ClusterClient } from '@corral/testing';

/** `/foo0`, `/foo1`, ...: so many. */
export function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `/${name}${i}`);
}

/** What this server does not have, as it serves now. */
export function absentOn(cluster: Cluster, sid: number, paths: readonly string[]): string[] {
  return paths.filter((path) => cluster.tree(sid).find(path) === 0);
}

/** What somebody does not have, `sid path` each. */
export function absentAnywhere(cluster: Cluster, paths: readonly string[]): string[] {
  return cluster.sids.flatMap((sid) => absentOn(cluster, sid, paths).map((path) => `${sid} ${path}`));
}

/** What somebody has. */
export function presentAnywhere(cluster: Cluster, paths: readonly string[]): string[] {
  return cluster.sids.flatMap((sid) =>
    paths.filter((path) => cluster.tree(sid).find(path) !== 0).map((path) => `${sid} ${path}`),
  );
}

/** More transactions than a leader keeps in memory for learners: whoever misses them needs its log or its tree. */
export async function outgrowMemory(cluster: Cluster, client: ClusterClient): Promise<void> {
  const answers = client.sendAll(
    Array.from({ length: 520 }, (_, i) => ({ op: 'create', path: `/x${i}`, value: '', mode: 0 })),
  );
  await cluster.run(Promise.all(answers), 'the writes are answered');
}

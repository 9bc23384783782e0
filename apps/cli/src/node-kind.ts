import type { Stat } from '@corral/client';

/** What a Stat tells apart: of containers and nodes with a time to live, servers show the owner 0, as of any other. */
export type NodeKind = 'persistent' | 'ephemeral';

export function nodeKindOf({ ephemeralOwner }: Pick<Stat, 'ephemeralOwner'>): NodeKind {
  return ephemeralOwner === 0n ? 'persistent' : 'ephemeral';
}

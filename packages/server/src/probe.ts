import type { DataTree } from '@corral/datatree';
import type { Zxid } from '@corral/protocol';

/**
 * What a proof is shown of a member from within, beside what it sees on its network and its disk. Calls come in the
 * middle of a step: they return at once, keep nothing but `tree` to look at, and change nothing.
 */
export interface MemberProbe {
  /** Between two roles: it stands for `lastZxid` and `epoch`, and `tree` is what its disk gives. Undefined: it has no data it may stand for. */
  looking(tree: DataTree, lastZxid: Zxid | undefined, epoch: number): void;
  /** As a leader it broadcasts a transaction of its own epoch. */
  proposed(zxid: Zxid, entry: Uint8Array): void;
  /** As a learner it tells its leader that all up to `zxid` is durable here; `isNewLeader`: the leader's history, and its epoch. */
  acknowledged(zxid: Zxid, isNewLeader: boolean): void;
  /** It learned, or as a leader decided, that everything up to `zxid` is committed. A learner that is not up to date is told so beforehand. */
  committed(zxid: Zxid): void;
  /** Clients are served from `tree` from now on, which has all that came before `epoch`. */
  serving(role: 'leader' | 'follower' | 'observer', epoch: number, tree: DataTree): void;
  /** How a learner is brought up to date: what its leader chose. */
  synchronised(by: 'DIFF' | 'TRUNC' | 'SNAP'): void;
}

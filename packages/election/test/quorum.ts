import type { QuorumVerifier } from '@corral/protocol';

export interface QuorumSketch {
  readonly voters: readonly number[];
  readonly observers?: readonly number[];
  readonly version?: number;
  /** Ids that are not named weigh 1. */
  readonly weights?: ReadonlyMap<number, number>;
}

/** More than half of the weight. The text has one line per server, and no addresses: no election needs any. */
export function quorum(sketch: QuorumSketch): QuorumVerifier {
  const { voters, observers = [], version = 0, weights = new Map() } = sketch;
  const weightOf = (sid: number): number => (voters.includes(sid) ? (weights.get(sid) ?? 1) : 0);
  const weightOfAll = (sids: Iterable<number>): number =>
    [...sids].reduce((sum, sid) => sum + weightOf(sid), 0);
  const lines = [
    ...voters.map((sid) => `server.${sid}=participant`),
    ...observers.map((sid) => `server.${sid}=observer`),
    `version=${version.toString(16)}`,
  ];
  return {
    version,
    voters: new Set(voters),
    observers: new Set(observers),
    weightOf,
    containsQuorum: (sids) => weightOfAll(sids) * 2 > weightOfAll(voters),
    toString: () => lines.join('\n'),
  };
}

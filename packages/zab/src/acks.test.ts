import { type Zxid, zxidOf } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { Majority } from '../test/verifier.ts';
import { Acks } from './acks.ts';

function randomly(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % below;
  };
}

describe('acknowledgements', () => {
  it('reach the point that a quorum has, whatever comes in which order', () => {
    const random = randomly(7);
    const acks = new Acks();
    const plain = new Map<number, Zxid>();
    const configs = [new Majority([1, 2, 3]), new Majority([1, 2, 3, 4, 5]), new Majority([4, 5, 6])];

    for (let i = 0; i < 2000; i++) {
      const sid = 1 + random(7);
      const zxid = zxidOf(1, random(1000));
      const deed = random(10);
      if (deed === 0) {
        acks.remove(sid);
        plain.delete(sid);
      } else if (deed === 1) {
        acks.set(sid, zxid);
        plain.set(sid, zxid);
      } else {
        acks.raise(sid, zxid);
        const before = plain.get(sid);
        if (before !== undefined && zxid > before) plain.set(sid, zxid);
      }
      for (const config of configs) expect(acks.reachedBy(config)).toBe(reachedBy(config, plain));
      expect(acks.of(sid)).toBe(plain.get(sid) ?? 0);
      expect(new Set(acks.atLeast(zxid))).toEqual(
        new Set([...plain].filter(([, z]) => z >= zxid).map(([s]) => s)),
      );
    }
  });
});

/** The plain version: the highest zxid such that those who have it are a quorum. */
function reachedBy(config: Majority, acked: ReadonlyMap<number, Zxid>): number {
  const candidates = [...acked.values()].toSorted((a, b) => b - a);
  const reached = candidates.find((zxid) =>
    config.containsQuorum(new Set([...acked].filter(([, z]) => z >= zxid).map(([sid]) => sid))),
  );
  return reached ?? 0;
}

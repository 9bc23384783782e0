import { describe, expect, it } from 'vitest';
import { isBetterVote, isSameVote, type Vote } from './vote.ts';

const small: Vote[] = [-1, 0, 1, 2].flatMap((peerEpoch) =>
  [-1, 0, 1, 2].flatMap((zxid) => [0, 1, 2].map((leader) => ({ leader, zxid, peerEpoch, electionEpoch: 1 }))),
);

describe('the order of votes (ZOOKEEPER-1419)', () => {
  it('is total: of two different ones exactly one is better, and none is better than itself', () => {
    for (const a of small)
      for (const b of small) {
        const count = Number(isBetterVote(a, b)) + Number(isBetterVote(b, a));
        expect(count).toBe(isSameVote(a, b) ? 0 : 1);
      }
  });

  it('is transitive: in a sorted list each is better than all before it', () => {
    const sorted = small.toSorted((a, b) => (isBetterVote(a, b) ? 1 : -1));
    const wrong = sorted.flatMap((a, i) => sorted.slice(0, i).filter((b) => !isBetterVote(a, b)));
    expect(wrong).toEqual([]);
  });

  it('asks for the epoch, then the zxid, then the id, and never for the round', () => {
    const vote = { leader: 2, zxid: 5, peerEpoch: 3, electionEpoch: 7 };
    expect(isBetterVote({ leader: 1, zxid: 1, peerEpoch: 4, electionEpoch: 1 }, vote)).toBe(true);
    expect(isBetterVote({ leader: 1, zxid: 6, peerEpoch: 3, electionEpoch: 1 }, vote)).toBe(true);
    expect(isBetterVote({ leader: 3, zxid: 5, peerEpoch: 3, electionEpoch: 1 }, vote)).toBe(true);
    expect(isBetterVote({ leader: 9, zxid: 9, peerEpoch: 2, electionEpoch: 9 }, vote)).toBe(false);
    expect(isBetterVote({ ...vote, electionEpoch: 9 }, vote)).toBe(false);
  });
});

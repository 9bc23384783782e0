import { describe, expect, it } from 'vitest';
// @boundaries-ignore the order itself is nobody else's affair
import { isBetterVote, type Vote } from '../../../packages/election/src/vote.ts';

describe('ZOOKEEPER-1419: an id counted although the epochs differed, and two servers each thought the other better', () => {
  // given: every vote over a small domain, in different rounds
  const votes: Vote[] = [0, 1, 2].flatMap((peerEpoch) =>
    [0, 1, 2].flatMap((zxid) =>
      [1, 2, 3].flatMap((leader) =>
        [1, 7].map((electionEpoch) => ({ leader, zxid, electionEpoch, peerEpoch })),
      ),
    ),
  );
  const isSame = (a: Vote, b: Vote): boolean =>
    a.leader === b.leader && a.zxid === b.zxid && a.peerEpoch === b.peerEpoch;

  it('of two votes exactly one is better, unless they are the same but for their round', () => {
    for (const a of votes)
      for (const b of votes)
        expect(Number(isBetterVote(a, b)) + Number(isBetterVote(b, a))).toBe(isSame(a, b) ? 0 : 1);
  });

  it('what is better than a better one is better', () => {
    const wrong: [Vote, Vote, Vote][] = [];
    for (const a of votes)
      for (const b of votes)
        if (isBetterVote(a, b))
          for (const c of votes) if (isBetterVote(b, c) && !isBetterVote(a, c)) wrong.push([a, b, c]);
    expect(wrong).toEqual([]);
  });

  it('the epoch comes before the zxid, the zxid before the id', () => {
    const sorted = votes.toSorted((a, b) => Number(isBetterVote(a, b)) - Number(isBetterVote(b, a)));
    const keys = sorted.map(({ peerEpoch, zxid, leader }) => peerEpoch * 100 + zxid * 10 + leader);
    expect(keys).toEqual(keys.toSorted((a, b) => a - b));
  });
});

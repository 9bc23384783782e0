import { ServerState } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { Strangers } from './strangers.ts';

const answer = {
  state: ServerState.LEADING,
  leader: 1,
  zxid: 5,
  electionEpoch: 1,
  peerEpoch: 1,
  version: 2,
  config: '',
};

describe('those without a vote', () => {
  it('are told the same thing at most once in a while, and news at once', () => {
    const strangers = new Strangers(200);
    expect(strangers.isDue(9, answer, 0)).toBe(true);
    expect(strangers.isDue(9, { ...answer }, 199)).toBe(false);
    expect(strangers.isDue(8, answer, 199)).toBe(true);
    expect(strangers.isDue(9, { ...answer, peerEpoch: 2 }, 199)).toBe(true);
    expect(strangers.isDue(9, { ...answer, peerEpoch: 2 }, 399)).toBe(true);
  });

  it('are not remembered without bound', () => {
    const strangers = new Strangers(200);
    for (let sid = -1; sid >= -5000; sid--) strangers.isDue(sid, answer, 0);
    expect(strangers.isDue(-5000, answer, 1)).toBe(false);
    expect(strangers.isDue(-1, answer, 1)).toBe(true);
  });
});

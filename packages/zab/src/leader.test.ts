import { type Zxid, zxidOf } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { Majority } from '../test/verifier.ts';
import { CommittedLog } from './committed-log.ts';
import { Leader } from './leader.ts';
import type { LeaderOptions } from './leader-options.ts';

const entry = new Uint8Array(1);

function leaderWith(changes: Partial<LeaderOptions>): Leader {
  return new Leader({
    sid: 1,
    config: new Majority([1]),
    withVersion: (config, version) => new Majority(config.voters, config.observers, version),
    acceptedEpoch: 1,
    currentEpoch: 1,
    lastZxid: zxidOf(0, 0),
    committedLog: new CommittedLog(),
    tickMs: 1000,
    initLimit: 10,
    syncLimit: 5,
    ...changes,
  });
}

/** An ensemble of one is established without anybody. */
function established(): Leader {
  const leader = leaderWith({});
  leader.step({ kind: 'tick', now: 0 });
  leader.step({ kind: 'epochStored', which: 'accepted', epoch: 2 });
  leader.step({ kind: 'epochStored', which: 'current', epoch: 2 });
  return leader;
}

function committedUpTo(zxid: Zxid): CommittedLog {
  const committedLog = new CommittedLog();
  committedLog.add(zxid, entry);
  return committedLog;
}

describe('a leader is not made', () => {
  it('where its tree is beyond its committed log, or behind it: what is between would be missing', () => {
    const committedLog = committedUpTo(zxidOf(1, 5));

    expect(() => leaderWith({ committedLog, lastZxid: zxidOf(1, 6) })).toThrow(RangeError);
    expect(() => leaderWith({ committedLog, lastZxid: zxidOf(1, 4) })).toThrow(RangeError);
    expect(() => leaderWith({ committedLog, lastZxid: zxidOf(1, 0) })).toThrow(RangeError);
    expect(leaderWith({ committedLog, lastZxid: zxidOf(2, 0) }).lastCommitted).toBe(0);
  });
});

describe('a leader takes no', () => {
  it('proposal or sync before it is established', () => {
    const leader = leaderWith({});

    expect(() => leader.step({ kind: 'propose', zxid: zxidOf(2, 1), entry })).toThrow(RangeError);
    expect(() => leader.step({ kind: 'sync', token: 1 })).toThrow(RangeError);
  });

  it('proposal that does not follow the one before', () => {
    const leader = established();

    expect(() => leader.step({ kind: 'propose', zxid: zxidOf(2, 2), entry })).toThrow(RangeError);
    expect(() => leader.step({ kind: 'propose', zxid: zxidOf(1, 1), entry })).toThrow(RangeError);
    expect(leader.lastProposed).toBe(zxidOf(2, 0));
  });

  it('word of a disk that has what was not proposed', () => {
    const leader = established();

    expect(() => leader.step({ kind: 'durable', zxid: zxidOf(2, 1) })).toThrow(RangeError);
  });
});

describe('what a leader has committed', () => {
  it('is in the committed log, ready for learners', () => {
    const committedLog = new CommittedLog();
    const leader = leaderWith({ committedLog });
    leader.step({ kind: 'tick', now: 0 });
    leader.step({ kind: 'epochStored', which: 'accepted', epoch: 2 });
    leader.step({ kind: 'epochStored', which: 'current', epoch: 2 });
    for (let i = 1; i <= 3; i++) leader.step({ kind: 'propose', zxid: zxidOf(2, i), entry });
    leader.step({ kind: 'durable', zxid: zxidOf(2, 2) });

    expect(leader).toMatchObject({ epoch: 2, lastCommitted: zxidOf(2, 2), lastProposed: zxidOf(2, 3) });
    expect(committedLog).toMatchObject({ size: 2, max: zxidOf(2, 2) });
  });

  it('is let go of piece by piece, however much was in flight', () => {
    const leader = established();
    for (let i = 1; i <= 2000; i++) leader.step({ kind: 'propose', zxid: zxidOf(2, i), entry });
    for (const durable of [1, 700, 701, 1999]) {
      leader.step({ kind: 'durable', zxid: zxidOf(2, durable) });

      expect(leader).toMatchObject({ lastCommitted: zxidOf(2, durable), lastProposed: zxidOf(2, 2000) });
    }
  });
});

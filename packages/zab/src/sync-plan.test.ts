import { type Zxid, zxidOf } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { zxidFrom, zxidText } from '../test/packet-text.ts';
import { CommittedLog } from './committed-log.ts';
import type { LogExtent } from './leader-step.ts';
import { planSync, type SyncSource } from './sync-plan.ts';

/** Memory holds 2:3..2:5 and 4:1..4:2. */
const source: SyncSource = {
  committedLog: logOf(['2:3', '2:4', '2:5', '4:1', '4:2']),
  lastProcessed: zxidOf(4, 2),
  forceSnapshotSync: false,
  txnLogSyncEnabled: true,
};

describe('a learner is brought up to date', () => {
  it.each([
    ['at the leader', '4:2', 'DIFF 4:2 above 4:2'],
    ['at the oldest in memory', '2:3', 'DIFF 4:2 above 2:3'],
    ['at one in memory', '2:5', 'DIFF 4:2 above 2:5'],
    ['at the beginning of an epoch in memory', '4:0', 'DIFF 4:2 above 4:0'],
    ['at the beginning of an epoch that has no transaction', '3:0', 'DIFF 4:2 above 3:0'],
    ['between epochs', '2:6', 'SNAP'],
    ['in an epoch that this history does not have', '3:1', 'SNAP'],
    ['beyond all', '4:3', 'TRUNC 4:2 above 4:2'],
    ['beyond all, in a later epoch', '5:1', 'TRUNC 4:2 above 4:2'],
    ['at the beginning of a later epoch', '5:0', 'SNAP'],
    ['before memory', '2:2', 'locate'],
    ['fresh', '0:0', 'SNAP'],
  ])('%s (%s): %s', (_, peer, plan) => {
    expect(text(zxidFrom(peer), source, 'unasked')).toBe(plan);
  });

  it('by a snapshot where it names no zxid at all', () => {
    expect(text(-1, source, 'unasked')).toBe('SNAP');
  });

  it.each([
    ['the disk has it', '2:1', '2:1', '4:2', 'DIFF 4:2 above 2:1, disk up to 2:3'],
    [
      'the disk has it, and ends where memory begins',
      '2:1',
      '2:1',
      '2:3',
      'DIFF 4:2 above 2:1, disk up to 2:3',
    ],
    ['the disk ends before memory begins', '2:1', '2:1', '2:2', 'SNAP'],
    ['the disk has the beginning of its epoch', '2:0', '1:9', '4:2', 'DIFF 4:2 above 2:0, disk up to 2:3'],
    ['the disk does not have it', '1:10', '1:9', '4:2', 'SNAP'],
  ])('from the disk: %s', (_, peer, base, last, plan) => {
    expect(text(zxidFrom(peer), source, { base: zxidFrom(base), last: zxidFrom(last) })).toBe(plan);
  });

  it('by a snapshot where the disk is of no use, or must not be asked', () => {
    expect(text(zxidOf(2, 1), source, undefined)).toBe('SNAP');
    expect(text(zxidOf(2, 1), { ...source, txnLogSyncEnabled: false }, 'unasked')).toBe('SNAP');
  });

  it('by a snapshot where that is forced, even at the leader', () => {
    expect(text(zxidOf(4, 2), { ...source, forceSnapshotSync: true }, 'unasked')).toBe('SNAP');
  });

  it.each([
    ['4:2', '4:2', 'DIFF 4:2 above 4:2'],
    ['4:2', '4:3', 'TRUNC 4:2 above 4:2'],
    ['4:2', '4:1', 'locate'],
    ['4:0', '4:1', 'SNAP'],
    ['0:0', '0:0', 'DIFF 0:0 above 0:0'],
  ])('by a leader at %s that has nothing in memory, from %s: %s', (at, peer, plan) => {
    const empty = { ...source, committedLog: new CommittedLog(), lastProcessed: zxidFrom(at) };

    expect(text(zxidFrom(peer), empty, 'unasked')).toBe(plan);
  });
});

function logOf(zxids: readonly string[]): CommittedLog {
  const log = new CommittedLog();
  for (const zxid of zxids) log.add(zxidFrom(zxid), new Uint8Array());
  return log;
}

function text(peer: Zxid | -1, from: SyncSource, extent: LogExtent | undefined | 'unasked'): string {
  const plan = planSync(peer, from, extent);
  if (plan.kind === 'SNAP' || plan.kind === 'locate') return plan.kind;
  const disk = plan.upTo === undefined ? '' : `, disk up to ${zxidText(plan.upTo)}`;
  return `${plan.kind} ${zxidText(plan.zxid)} above ${zxidText(plan.after)}${disk}`;
}

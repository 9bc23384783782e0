import { zxidOf } from '@corral/protocol';
import { expect, it } from 'vitest';
import { txnEntry } from '../test/txn-text.ts';
import { LearnerHistory, UNCOMMITTED_BYTES_MAX } from './learner-history.ts';
import { Proposal, readProposal } from './proposal.ts';
import { Refusal } from './refusal.ts';

it('a history does not gather more uncommitted proposals than any leader has outstanding', () => {
  const history = new LearnerHistory([], true, 2, zxidOf(1, 5), false);
  // One buffer stands for the entries of all: what counts is their sum.
  const entry = new Uint8Array(UNCOMMITTED_BYTES_MAX / 4);
  const propose = (counter: number): void => history.propose(proposal(counter, entry));
  for (const counter of [6, 7, 8, 9]) propose(counter);

  expect(() => propose(10)).toThrow(Refusal);
});

it('what is committed makes room for more', () => {
  const history = new LearnerHistory([], true, 2, zxidOf(1, 5), false);
  const entry = new Uint8Array(UNCOMMITTED_BYTES_MAX / 4);

  for (let counter = 6; counter < 30; counter++) {
    history.propose(proposal(counter, entry));
    history.commitHead();
  }

  expect(history.committed).toBe(zxidOf(1, 29));
});

function proposal(counter: number, entry: Uint8Array): Proposal {
  const zxid = zxidOf(1, counter);
  return new Proposal(zxid, entry, readProposal(zxid, txnEntry(zxid, 'x')).txn);
}

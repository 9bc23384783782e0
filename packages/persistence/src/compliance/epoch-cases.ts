import assert from 'node:assert/strict';
import { EPOCH_MAX } from '@corral/protocol';
import type { ComplianceCase } from './fixture.ts';
import { onEveryStore } from './stage.ts';

export const epochCases: readonly ComplianceCase[] = [
  ...onEveryStore('epochs that were never written are undefined', async (stage) => {
    await stage.again();
    assert.equal(stage.storage.epochs.accepted, undefined);
    assert.equal(stage.storage.epochs.current, undefined);
  }),

  ...onEveryStore('epochs that were written are found', async (stage) => {
    await stage.storage.epochs.setAccepted(4);
    await stage.storage.epochs.setCurrent(3);
    await stage.again();
    assert.equal(stage.storage.epochs.accepted, 4);
    assert.equal(stage.storage.epochs.current, 3);
    await stage.storage.epochs.setAccepted(EPOCH_MAX);
    await stage.storage.epochs.setCurrent(EPOCH_MAX);
    await stage.again();
    assert.equal(stage.storage.epochs.accepted, EPOCH_MAX);
    assert.equal(stage.storage.epochs.current, EPOCH_MAX);
  }),

  ...onEveryStore('an epoch may be written again', async (stage) => {
    await stage.storage.epochs.setAccepted(2);
    await stage.storage.epochs.setAccepted(2);
    await stage.again();
    await stage.storage.epochs.setCurrent(2);
    await stage.storage.epochs.setCurrent(2);
    await stage.again();
    assert.equal(stage.storage.epochs.current, 2);
  }),

  ...onEveryStore('an epoch never decreases, and current is at most accepted', async (stage) => {
    await assert.rejects(stage.storage.epochs.setCurrent(0), RangeError);
    await stage.storage.epochs.setAccepted(5);
    await stage.storage.epochs.setCurrent(4);
    await stage.again();
    await assert.rejects(stage.storage.epochs.setAccepted(4), RangeError);
    await assert.rejects(stage.storage.epochs.setCurrent(3), RangeError);
    await assert.rejects(stage.storage.epochs.setCurrent(6), RangeError);
    await assert.rejects(stage.storage.epochs.setAccepted(EPOCH_MAX + 1), RangeError);
    await assert.rejects(stage.storage.epochs.setAccepted(5.5), RangeError);
    await stage.again();
    assert.equal(stage.storage.epochs.accepted, 5);
    assert.equal(stage.storage.epochs.current, 4);
  }),
];

import { type Notification, ServerState } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { quorum } from '../test/quorum.ts';
import { Election } from './election.ts';

const config = quorum({ voters: [1, 2, 3] });

describe('before the first look', () => {
  it('a server has nothing to say', () => {
    const election = new Election({ sid: 1, config });
    expect(election.vote).toBeUndefined();
    expect(election.step({ kind: 'notification', now: 0, from: 2, notification: word() })).toEqual([]);
    expect(election.step({ kind: 'tick', now: 0, isDelivered: true })).toEqual([]);
    expect(election.step({ kind: 'established', epoch: 1 })).toEqual([]);
  });
});

describe('a newer configuration in a notification', () => {
  it('is not looked at where reconfiguration is not enabled: the notification counts', () => {
    const election = looking({});
    const outputs = election.step({
      kind: 'notification',
      now: 0,
      from: 2,
      notification: word({ config: newer }),
    });
    expect(outputs.map(({ kind }) => kind)).toEqual(['send', 'send']);
    expect(election.vote).toMatchObject({ leader: 2 });
  });

  it('is offered before anything comes of the notification where it is', () => {
    const election = looking({ isReconfigEnabled: true });
    const outputs = election.step({
      kind: 'notification',
      now: 0,
      from: 2,
      notification: word({ config: newer }),
    });
    expect(outputs).toEqual([{ kind: 'newerConfig', text: newer, version: 0x1_0000_0001, from: 2 }]);
    expect(election.vote).toMatchObject({ leader: 1 });
  });
});

describe('the waits', () => {
  it('are as long as the options say', () => {
    const election = looking({
      finalizeWaitMs: 7,
      minNotificationIntervalMs: 30,
      maxNotificationIntervalMs: 50,
    });
    expect(election.step({ kind: 'tick', now: 30, isDelivered: true }).at(-1)).toEqual({
      kind: 'wake',
      at: 80,
    });
    expect(election.step({ kind: 'tick', now: 80, isDelivered: true }).at(-1)).toEqual({
      kind: 'wake',
      at: 130,
    });
    const outputs = election.step({ kind: 'notification', now: 100, from: 2, notification: word() });
    expect(outputs.at(-1)).toEqual({ kind: 'wake', at: 107 });
  });
});

const newer = quorum({ voters: [1, 2, 3, 4], version: 0x1_0000_0001 }).toString();

function looking(options: Partial<ConstructorParameters<typeof Election>[0]>): Election {
  const election = new Election({ sid: 1, config, ...options });
  election.step({ kind: 'look', now: 0, isParticipant: true, lastZxid: 0, epoch: 0 });
  return election;
}

function word(more: Partial<Notification> = {}): Notification {
  return {
    state: ServerState.LOOKING,
    leader: 2,
    zxid: 0,
    electionEpoch: 1,
    peerEpoch: 0,
    version: 2,
    config: undefined,
    ...more,
  };
}

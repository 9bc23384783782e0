import { JuteError, JuteWriter } from '@corral/jute';
import { describe, expect, it } from 'vitest';
import { failureOf, hex, unnamedFailures } from '../test/records.ts';
import {
  ELECTION_FRAME_MAX,
  NO_VOTE,
  type Notification,
  readNotification,
  ServerState,
  writeNotification,
} from './notification.ts';

const LEADING = `
  00000002          state: LEADING
  0000000000000003  leader
  0000000100000007  zxid
  0000000000000005  electionEpoch`;

const CURRENT = `${LEADING}
  0000000000000001  peerEpoch
  00000002          version
  00000009          configuration: 9 bytes
  76657273696f6e3d30  "version=0"`;

const VOTE = { state: ServerState.LEADING, leader: 3, zxid: 0x1_0000_0007, electionEpoch: 5, peerEpoch: 1 };

describe('a notification', () => {
  it.each<[string, string, Notification]>([
    ['since 3.5 carries a configuration', CURRENT, { ...VOTE, version: 2, config: 'version=0' }],
    [
      'of a version to come is read as far as it is known',
      `${CURRENT.replace('00000002          version', '00000003          version')}
       ffff              something more`,
      { ...VOTE, version: 3, config: 'version=0' },
    ],
    [
      'may say an earlier version and no configuration',
      `${LEADING}
       0000000000000001  peerEpoch
       00000001          version
       00                something more`,
      { ...VOTE, version: 1, config: undefined },
    ],
    [
      'of 40 bytes says no version that counts',
      `${LEADING}
       0000000000000001  peerEpoch
       00000001          not read`,
      { ...VOTE, version: 0, config: undefined },
    ],
    [
      'of 28 bytes has the epoch of its zxid',
      LEADING,
      { ...VOTE, zxid: 0x1_0000_0007, peerEpoch: 1, version: 0, config: undefined },
    ],
  ])('%s', (_what, bytes, notification) => {
    expect(readNotification(hex(bytes))).toStrictEqual(notification);
  });

  it('is written as captioned, and read back', () => {
    const notification = { ...VOTE, version: 2, config: 'version=0' };
    expect(written(notification)).toEqual(hex(CURRENT));
    expect(readNotification(written(notification))).toStrictEqual(notification);
  });

  it('without a configuration is written in the form of 40 bytes', () => {
    const notification = { ...VOTE, version: 0, config: undefined };
    expect(written(notification)).toEqual(
      hex(`${LEADING}
      0000000000000001  peerEpoch
      00000000          no version`),
    );
    expect(readNotification(written(notification))).toStrictEqual(notification);
  });

  it('of a server without a vote goes there and back unchanged', () => {
    const bytes = hex(`
      00000003          state: OBSERVING
      8000000000000000  leader: Long.MIN_VALUE
      8000000000000000  zxid: Long.MIN_VALUE
      0000000000000001  electionEpoch
      8000000000000000  peerEpoch: Long.MIN_VALUE
      00000002          version
      00000000          configuration: empty`);
    const notification: Notification = {
      state: ServerState.OBSERVING,
      leader: NO_VOTE,
      zxid: NO_VOTE,
      electionEpoch: 1,
      peerEpoch: NO_VOTE,
      version: 2,
      config: '',
    };
    expect(readNotification(bytes)).toStrictEqual(notification);
    expect(written(notification)).toEqual(bytes);
  });

  it('may say that there is no zxid', () => {
    const notification = { ...VOTE, zxid: -1, version: 2, config: '' };
    expect(readNotification(written(notification))).toStrictEqual(notification);
  });

  it('has its configuration in UTF-8', () => {
    const notification = { ...VOTE, version: 2, config: 'server.1=h\u00e4user:1:2\nversion=1' };
    expect(readNotification(written(notification))).toStrictEqual(notification);
  });
});

describe('a notification is refused', () => {
  it('wherever it is cut short, but for the forms that are that long', () => {
    const whole = hex(CURRENT);
    for (let length = 0; length < whole.length; length++) {
      if (length === 28 || length === 40) continue;
      const failure = failureOf(() => readNotification(whole.subarray(0, length)));
      expect(failure, `cut to ${length} bytes`).toBeInstanceOf(JuteError);
    }
  });

  it('with a named error or not at all, whatever is claimed anywhere in it', () => {
    expect(unnamedFailures(hex(CURRENT), readNotification)).toEqual([]);
  });

  it.each([
    ['a leader', 4],
    ['a zxid', 12],
    ['an electionEpoch', 20],
    ['a peerEpoch', 28],
  ])('where %s is more than a number holds, and is not rounded', (_what, at) => {
    for (const value of [2n ** 63n - 1n, 2n ** 53n, -(2n ** 53n), -(2n ** 63n) + 1n]) {
      const bytes = hex(CURRENT);
      new DataView(bytes.buffer).setBigInt64(at, value);
      expect(
        failureOf(() => readNotification(bytes)),
        `${value}`,
      ).toMatchObject({
        code: 'OUT_OF_RANGE',
        offset: at,
      });
    }
  });

  it('where the round of the election is none', () => {
    const bytes = hex(CURRENT);
    new DataView(bytes.buffer).setBigInt64(20, -(2n ** 63n));
    expect(failureOf(() => readNotification(bytes))).toMatchObject({ code: 'OUT_OF_RANGE', offset: 20 });
  });

  it.each([-1, 4, 0x7fff_ffff])('in state %i', (state) => {
    const bytes = hex(CURRENT);
    new DataView(bytes.buffer).setInt32(0, state);
    expect(failureOf(() => readNotification(bytes))).toMatchObject({
      name: 'ProtocolError',
      code: 'BAD_VALUE',
      offset: 0,
    });
  });

  it.each([-1, -0x8000_0000, 10, 0x7fff_ffff])('with a configuration of %i bytes', (length) => {
    const bytes = hex(CURRENT);
    new DataView(bytes.buffer).setInt32(40, length);
    expect(failureOf(() => readNotification(bytes))).toMatchObject({ code: 'BAD_LENGTH', offset: 40 });
  });

  it('with a configuration that is no text', () => {
    const bytes = hex(CURRENT);
    bytes[44] = 0xff;
    expect(failureOf(() => readNotification(bytes))).toMatchObject({ code: 'BAD_TEXT', offset: 44 });
  });

  it('above the longest frame', () => {
    const bytes = new Uint8Array(ELECTION_FRAME_MAX + 1);
    expect(failureOf(() => readNotification(bytes))).toMatchObject({ code: 'BAD_LENGTH' });
  });
});

function written(notification: Notification): Uint8Array {
  const w = new JuteWriter(16);
  writeNotification(w, notification);
  return w.copy();
}

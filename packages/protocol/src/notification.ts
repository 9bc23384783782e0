import { JuteError, JuteReader, type JuteWriter, utf8Decode } from '@corral/jute';
import { ProtocolError } from './protocol-error.ts';

/** What a server of an ensemble is doing (QuorumPeer.ServerState). */
export const ServerState = { LOOKING: 0, FOLLOWING: 1, LEADING: 2, OBSERVING: 3 } as const;
export type ServerState = (typeof ServerState)[keyof typeof ServerState];

/**
 * Java's `Long.MIN_VALUE`, which a number holds exactly: what a server without a vote says for leader, zxid and
 * peerEpoch. It is below every true value of each.
 */
export const NO_VOTE: number = -(2 ** 63);

/** What servers tell each other while a leader is sought (FastLeaderElection.Notification). */
export interface Notification {
  readonly state: ServerState;
  /** A server's id, or {@link NO_VOTE}. */
  readonly leader: number;
  /** The newest of that server; -1 from a server that has none; or {@link NO_VOTE}. */
  readonly zxid: number;
  /** The round of the election. */
  readonly electionEpoch: number;
  /** The epoch of the proposed leader, or {@link NO_VOTE}. */
  readonly peerEpoch: number;
  /** 2 now; 1 before 3.5; 0 where the sender does not say. */
  readonly version: number;
  /** The sender's configuration text, where it says (version 2). */
  readonly config: string | undefined;
}

/** The longest frame on an election connection, in bytes (QuorumCnxManager.PACKETMAXSIZE). One of 0 is refused, too. */
export const ELECTION_FRAME_MAX: number = 512 * 1024;

/** The version that comes with a configuration. */
export const NOTIFICATION_VERSION = 2;

/**
 * Writes the payload of one frame: with version 2 and a configuration 44 bytes and the text, otherwise the 40 bytes
 * of 3.4.
 */
export function writeNotification(w: JuteWriter, notification: Notification): void {
  w.writeInt(notification.state);
  w.writeLongNumber(notification.leader);
  w.writeLongNumber(notification.zxid);
  w.writeLongNumber(notification.electionEpoch);
  w.writeLongNumber(notification.peerEpoch);
  w.writeInt(notification.version);
  if (notification.version >= NOTIFICATION_VERSION) w.writeString(notification.config ?? '');
}

/**
 * Reads the payload of one frame, by its length as Apache does: 28 bytes are of the time before peer epochs (it is the
 * zxid's then), 40 are of the time before configurations (their version counts as 0, whatever stands there).
 * What stands behind the configuration is left alone.
 *
 * @throws JuteError where it is cut short, a length is none, or a long is beyond what a number holds
 * @throws ProtocolError `BAD_VALUE` where the state is none
 */
export function readNotification(bytes: Uint8Array): Notification {
  if (bytes.length > ELECTION_FRAME_MAX)
    throw new JuteError('BAD_LENGTH', 0, `a notification of ${bytes.length} bytes`);
  const r = new JuteReader(bytes);
  const state = readState(r);
  const leader = readVoteLong(r);
  const zxid = readVoteLong(r);
  const electionEpoch = r.readLongNumber();
  const peerEpoch = bytes.length === FORM_BEFORE_PEER_EPOCH ? epochIn(zxid) : readVoteLong(r);
  const version = readVersion(r);
  const config = version >= NOTIFICATION_VERSION ? readConfig(r) : undefined;
  return { state, leader, zxid, electionEpoch, peerEpoch, version, config };
}

function readState(r: JuteReader): ServerState {
  const state = r.readInt();
  if (state < ServerState.LOOKING || state > ServerState.OBSERVING)
    throw new ProtocolError('BAD_VALUE', 0, `a server in state ${state}`);
  return state as ServerState;
}

function readVoteLong(r: JuteReader): number {
  const at = r.offset;
  const value = r.readLong();
  if (value === LONG_MIN) return NO_VOTE;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new JuteError('OUT_OF_RANGE', at, `${value} in a vote`);
  return number;
}

function readVersion(r: JuteReader): number {
  if (r.end === FORM_BEFORE_PEER_EPOCH) return 0;
  const version = r.readInt();
  return r.end === FORM_BEFORE_CONFIG ? 0 : version;
}

function epochIn(zxid: number): number {
  return Math.floor(zxid / 0x1_0000_0000);
}

/** Text whose length is its own: one of -1 is none here. */
function readConfig(r: JuteReader): string {
  const at = r.offset;
  const length = r.readInt();
  if (length < 0 || length > r.remaining)
    throw new JuteError('BAD_LENGTH', at, `a configuration of ${length} bytes`);
  const text = utf8Decode(r.bytes, r.offset, r.offset + length);
  if (text === undefined) throw new JuteError('BAD_TEXT', r.offset, 'a configuration that is not UTF-8');
  return text;
}

const LONG_MIN = -(2n ** 63n);
const FORM_BEFORE_PEER_EPOCH = 28;
const FORM_BEFORE_CONFIG = 40;

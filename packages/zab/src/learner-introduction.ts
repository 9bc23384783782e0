import {
  epochOf,
  type QuorumPacket,
  QuorumPacketType,
  ZAB_PROTOCOL_VERSION,
  type Zxid,
} from '@corral/protocol';

/** What a learner says of itself in its first packet. */
export interface LearnerIntroduction {
  readonly sid: number;
  readonly isObserver: boolean;
  readonly acceptedEpoch: number;
  readonly configVersion: number;
}

/**
 * Reads FOLLOWERINFO or OBSERVERINFO; a string says why it is none that can be followed up. Learners older than ZAB 1.0
 * (before 3.3.3), which know no LEADERINFO, are refused.
 */
export function readIntroduction({ type, zxid, data }: QuorumPacket): LearnerIntroduction | string {
  if (type !== QuorumPacketType.FOLLOWERINFO && type !== QuorumPacketType.OBSERVERINFO)
    return `packet type ${type} comes before FOLLOWERINFO or OBSERVERINFO`;
  if (zxid < 0) return `accepted epoch ${zxid}`;
  if (data === null || data.length < 12) return 'a learner that knows no epochs';
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const protocol = view.getInt32(8);
  if (protocol < ZAB_PROTOCOL_VERSION) return `protocol version ${protocol}`;
  return {
    sid: Number(view.getBigInt64(0)),
    isObserver: type === QuorumPacketType.OBSERVERINFO,
    acceptedEpoch: epochOf(zxid as Zxid),
    configVersion: data.length < 20 ? 0 : Number(view.getBigInt64(12)),
  };
}

/** What ACKEPOCH says; -1 where it had accepted the epoch before. Undefined where it says nothing. */
export function readCurrentEpoch({ data }: QuorumPacket): number | undefined {
  if (data === null || data.length < 4) return undefined;
  return new DataView(data.buffer, data.byteOffset, data.byteLength).getInt32(0);
}

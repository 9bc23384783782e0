import { JuteWriter } from '@corral/jute';
import {
  LearnerInfo,
  QuorumPacket,
  QuorumPacketType,
  ZAB_PROTOCOL_VERSION,
  type Zxid,
  zxidOf,
} from '@corral/protocol';

/** FOLLOWERINFO or OBSERVERINFO: who comes, and the last epoch it promised itself to. */
export function learnerInfoPacket(
  isObserver: boolean,
  sid: number,
  acceptedEpoch: number,
  configVersion: number,
): QuorumPacket {
  const type = isObserver ? QuorumPacketType.OBSERVERINFO : QuorumPacketType.FOLLOWERINFO;
  const w = new JuteWriter(LEARNER_INFO_BYTES);
  new LearnerInfo(sid, ZAB_PROTOCOL_VERSION, configVersion).write(w);
  return new QuorumPacket(type, zxidOf(acceptedEpoch, 0), w.take(), null);
}

/** @param currentEpoch -1 where the new epoch was promised before, so that this promise does not count again */
export function ackEpochPacket(lastLoggedZxid: Zxid, currentEpoch: number): QuorumPacket {
  const w = new JuteWriter(4);
  w.writeInt(currentEpoch);
  return new QuorumPacket(QuorumPacketType.ACKEPOCH, lastLoggedZxid, w.take(), null);
}

export function ackPacket(zxid: Zxid): QuorumPacket {
  return new QuorumPacket(QuorumPacketType.ACK, zxid, null, null);
}

const LEARNER_INFO_BYTES = 20;

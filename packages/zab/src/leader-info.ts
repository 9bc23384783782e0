import { type QuorumPacket, QuorumPacketType, ZAB_PROTOCOL_VERSION } from '@corral/protocol';
import { packetName } from './packet-name.ts';
import { requireEpochZxid } from './proposal.ts';
import { Refusal } from './refusal.ts';

/** The epoch of the leader whose first packet this is: LEADERINFO, of an epoch that may be obeyed. */
export function readLeaderInfo({ type, zxid, data }: QuorumPacket, acceptedEpoch: number): number {
  if (type === QuorumPacketType.NEWLEADER) throw new Refusal('the leader is older than ZooKeeper 3.4');
  if (type !== QuorumPacketType.LEADERINFO) throw new Refusal(`${packetName(type)} in place of LEADERINFO`);
  if (data === null || data.byteLength < 4) throw new Refusal('LEADERINFO without a protocol version');
  const version = new DataView(data.buffer, data.byteOffset, 4).getInt32(0);
  if (version < ZAB_PROTOCOL_VERSION) {
    throw new Refusal(`the leader's protocol is ${version}, from before ZooKeeper 3.4`);
  }
  const epoch = requireEpochZxid(zxid);
  if (epoch < acceptedEpoch) {
    throw new Refusal(`the leader's epoch ${epoch} is older than ${acceptedEpoch}, which was accepted`);
  }
  return epoch;
}

import { JuteWriter } from '@corral/jute';
import { QuorumPacket, QuorumPacketType, ZAB_PROTOCOL_VERSION, type Zxid } from '@corral/protocol';

/** What a leader sends (Leader.java, LearnerHandler.java). */

export function leaderInfo(newLeaderZxid: Zxid): QuorumPacket {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setInt32(0, ZAB_PROTOCOL_VERSION);
  return new QuorumPacket(QuorumPacketType.LEADERINFO, newLeaderZxid, data, null);
}

/** `config` is the text of the newest configuration seen, committed or not. */
export function newLeader(newLeaderZxid: Zxid, config: string): QuorumPacket {
  return new QuorumPacket(QuorumPacketType.NEWLEADER, newLeaderZxid, utf8Bytes(config), null);
}

export function upToDate(): QuorumPacket {
  return new QuorumPacket(QuorumPacketType.UPTODATE, -1, null, null);
}

export function proposal(zxid: Zxid, entry: Uint8Array): QuorumPacket {
  return new QuorumPacket(QuorumPacketType.PROPOSAL, zxid, entry, null);
}

/** A packet of nothing but its type and zxid: DIFF, TRUNC, COMMIT, PING, and SYNC, whose zxid is 0. */
export function bare(type: QuorumPacketType, zxid: Zxid): QuorumPacket {
  return new QuorumPacket(type, zxid, null, null);
}

export function inform(zxid: Zxid, entry: Uint8Array): QuorumPacket {
  return new QuorumPacket(QuorumPacketType.INFORM, zxid, entry, null);
}

export function commitAndActivate(zxid: Zxid, designatedLeader: number): QuorumPacket {
  const data = withDesignatedLeader(designatedLeader, 0);
  return new QuorumPacket(QuorumPacketType.COMMITANDACTIVATE, zxid, data, null);
}

export function informAndActivate(zxid: Zxid, designatedLeader: number, entry: Uint8Array): QuorumPacket {
  const data = withDesignatedLeader(designatedLeader, entry.byteLength);
  data.set(entry, 8);
  return new QuorumPacket(QuorumPacketType.INFORMANDACTIVATE, zxid, data, null);
}

function withDesignatedLeader(sid: number, room: number): Uint8Array {
  const w = new JuteWriter(8 + room);
  w.writeLongNumber(sid);
  const data = new Uint8Array(8 + room);
  data.set(w.bytes());
  return data;
}

function utf8Bytes(text: string): Uint8Array {
  const w = new JuteWriter();
  w.writeString(text);
  return w.bytes(4).slice();
}

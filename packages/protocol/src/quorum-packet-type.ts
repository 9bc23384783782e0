/** What servers of an ensemble send each other once a leader is chosen (Leader.java). */
export const QuorumPacketType = {
  /** Learner to leader: a client's write or sync. */
  REQUEST: 1,
  PROPOSAL: 2,
  ACK: 3,
  COMMIT: 4,
  PING: 5,
  REVALIDATE: 6,
  SYNC: 7,
  /** To observers: a transaction that is committed already. */
  INFORM: 8,
  COMMITANDACTIVATE: 9,
  NEWLEADER: 10,
  FOLLOWERINFO: 11,
  UPTODATE: 12,
  DIFF: 13,
  TRUNC: 14,
  SNAP: 15,
  OBSERVERINFO: 16,
  LEADERINFO: 17,
  ACKEPOCH: 18,
  INFORMANDACTIVATE: 19,
} as const;
export type QuorumPacketType = (typeof QuorumPacketType)[keyof typeof QuorumPacketType];

/** The version of the protocol between learners and leader: ZAB 1.0, since 3.3.3. */
export const ZAB_PROTOCOL_VERSION = 0x10000;

import { describeRecords, hex } from '../test/records.ts';
import { Identity } from './acl.ts';
import { LearnerInfo, QuorumAuthPacket, QuorumPacket } from './quorum-records.ts';

describeRecords([
  {
    name: 'LearnerInfo',
    record: new LearnerInfo(3, 0x10000, 0x1_0000_0000),
    type: LearnerInfo,
    bytes: `
      0000000000000003  serverid
      00010000          protocolVersion
      0000000100000000  configVersion`,
  },
  {
    name: 'QuorumPacket, LEADERINFO',
    record: new QuorumPacket(17, 0x1_0000_0000, hex('00010000 protocol version'), null),
    type: QuorumPacket,
    bytes: `
      00000011          type: LEADERINFO
      0000000100000000  zxid: epoch 1
      00000004          data: 4 bytes
      00010000
      ffffffff          authinfo: null`,
  },
  {
    name: 'QuorumPacket, UPTODATE, which has no zxid',
    record: new QuorumPacket(12, -1, null, null),
    type: QuorumPacket,
    bytes: `
      0000000c          type: UPTODATE
      ffffffffffffffff  zxid: -1
      ffffffff          data: null
      ffffffff          authinfo: null`,
  },
  {
    name: 'QuorumPacket, REQUEST with the identities of the client',
    record: new QuorumPacket(1, -1, new Uint8Array(0), [new Identity('ip', '::1')]),
    type: QuorumPacket,
    bytes: `
      00000001          type: REQUEST
      ffffffffffffffff  zxid: -1
      00000000          data: empty
      00000001          authinfo: 1
      00000002          scheme: 2 bytes
      6970              "ip"
      00000003          id: 3 bytes
      3a3a31            "::1"`,
  },
  {
    name: 'QuorumAuthPacket',
    record: new QuorumAuthPacket(0x5f24_3501_3501_edccn, 0, hex('00 token')),
    type: QuorumAuthPacket,
    bytes: `
      5f2435013501edcc  magic
      00000000          status: in progress
      00000001          token: 1 byte
      00`,
  },
]);

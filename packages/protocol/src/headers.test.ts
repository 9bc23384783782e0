import { describeRecords } from '../test/records.ts';
import { ReplyHeader, RequestHeader } from './headers.ts';
import { ErrorCode } from './error.ts';
import { OpCode } from './op-code.ts';
import { Xid } from './xid.ts';

describeRecords([
  {
    name: 'RequestHeader',
    record: new RequestHeader(7, OpCode.getData),
    type: RequestHeader,
    bytes: `
      00000007          xid
      00000004          type: getData`,
  },
  {
    name: 'RequestHeader of a closing client',
    record: new RequestHeader(0x59, OpCode.closeSession),
    type: RequestHeader,
    bytes: `
      00000059          xid
      fffffff5          type: closeSession, -11`,
  },
  {
    name: 'ReplyHeader',
    record: new ReplyHeader(25, 10, ErrorCode.NODEEXISTS),
    type: ReplyHeader,
    bytes: `
      00000019          xid
      000000000000000a  zxid
      ffffff92          err: NODEEXISTS, -110`,
  },
  {
    name: 'ReplyHeader of a notification from a server before 3.9, which tells no zxid',
    record: new ReplyHeader(Xid.notification, -1, ErrorCode.OK),
    type: ReplyHeader,
    bytes: `
      ffffffff          xid: notification, -1
      ffffffffffffffff  zxid: unknown, -1
      00000000          err: OK`,
  },
]);

import { ascii, describeRecords } from '../test/records.ts';
import { OPEN_ACL_UNSAFE } from './acl.ts';
import { ErrorCode } from './error.ts';
import {
  Create2Response,
  CreateResponse,
  ErrorResponse,
  ExistsResponse,
  GetACLResponse,
  GetAllChildrenNumberResponse,
  GetChildren2Response,
  GetChildrenResponse,
  GetDataResponse,
  GetEphemeralsResponse,
  SetACLResponse,
  SetDataResponse,
  SyncResponse,
} from './node-responses.ts';
import { Stat } from './stat.ts';
import { zxidOf } from './zxid.ts';

const STAT = new Stat(
  zxidOf(0, 2),
  zxidOf(0, 7),
  0x1a1f861df0e,
  0x1a1f861df28,
  1,
  1,
  0,
  0n,
  2,
  1,
  zxidOf(0, 4),
);
const STAT_BYTES = `
      0000000000000002  stat: czxid
      0000000000000007  mzxid
      000001a1f861df0e  ctime
      000001a1f861df28  mtime
      00000001          version
      00000001          cversion
      00000000          aversion
      0000000000000000  ephemeralOwner
      00000002          dataLength
      00000001          numChildren
      0000000000000004  pzxid`;
const CHILDREN_BYTES = `
      00000001          children: 1
      0000000c          12 bytes
      652d30303030303030303030  "e-0000000000"`;

describeRecords([
  {
    name: 'CreateResponse',
    record: new CreateResponse('/a'),
    type: CreateResponse,
    bytes: `
      00000002          path: 2 bytes
      2f61              "/a"`,
  },
  {
    name: 'Create2Response',
    record: new Create2Response('/a', STAT),
    type: Create2Response,
    bytes: `
      00000002          path: 2 bytes
      2f61              "/a"${STAT_BYTES}`,
  },
  { name: 'ExistsResponse', record: new ExistsResponse(STAT), type: ExistsResponse, bytes: STAT_BYTES },
  {
    name: 'SetDataResponse',
    record: new SetDataResponse(STAT),
    type: SetDataResponse,
    bytes: STAT_BYTES,
  },
  { name: 'SetACLResponse', record: new SetACLResponse(STAT), type: SetACLResponse, bytes: STAT_BYTES },
  {
    name: 'GetDataResponse',
    record: new GetDataResponse(ascii('yo'), STAT),
    type: GetDataResponse,
    bytes: `
      00000002          data: 2 bytes
      796f              "yo"${STAT_BYTES}`,
  },
  {
    name: 'GetDataResponse of a node without data',
    record: new GetDataResponse(null, STAT),
    type: GetDataResponse,
    bytes: `
      ffffffff          data: null, which is not empty${STAT_BYTES}`,
  },
  {
    name: 'GetACLResponse',
    record: new GetACLResponse([...OPEN_ACL_UNSAFE], STAT),
    type: GetACLResponse,
    bytes: `
      00000001          acl: 1 entry
      0000001f          perms: ALL
      00000005          scheme: 5 bytes
      776f726c64        "world"
      00000006          id: 6 bytes
      616e796f6e65      "anyone"${STAT_BYTES}`,
  },
  {
    name: 'GetChildrenResponse',
    record: new GetChildrenResponse(['e-0000000000']),
    type: GetChildrenResponse,
    bytes: CHILDREN_BYTES,
  },
  {
    name: 'GetChildren2Response',
    record: new GetChildren2Response(['e-0000000000'], STAT),
    type: GetChildren2Response,
    bytes: `${CHILDREN_BYTES}${STAT_BYTES}`,
  },
  {
    name: 'GetAllChildrenNumberResponse',
    record: new GetAllChildrenNumberResponse(8),
    type: GetAllChildrenNumberResponse,
    bytes: `
      00000008          totalNumber`,
  },
  {
    name: 'GetEphemeralsResponse',
    record: new GetEphemeralsResponse(['/a/e-0000000000']),
    type: GetEphemeralsResponse,
    bytes: `
      00000001          ephemerals: 1
      0000000f          15 bytes
      2f612f652d30303030303030303030  "/a/e-0000000000"`,
  },
  {
    name: 'SyncResponse',
    record: new SyncResponse('/a'),
    type: SyncResponse,
    bytes: `
      00000002          path: 2 bytes
      2f61              "/a"`,
  },
  {
    name: 'ErrorResponse',
    record: new ErrorResponse(ErrorCode.NONODE),
    type: ErrorResponse,
    bytes: `
      ffffff9b          err: NONODE, -101`,
  },
]);

import { JuteReader } from '@corral/jute';
import { expect, it } from 'vitest';
import { ascii, describeRecords, encode, hex } from '../test/records.ts';
import { Acl, OPEN_ACL_UNSAFE } from './acl.ts';
import { CreateMode } from './create-mode.ts';
import {
  CheckVersionRequest,
  CreateRequest,
  CreateTTLRequest,
  DeleteContainerRequest,
  DeleteRequest,
  ExistsRequest,
  GetACLRequest,
  GetAllChildrenNumberRequest,
  GetChildren2Request,
  GetChildrenRequest,
  GetDataRequest,
  GetEphemeralsRequest,
  ReconfigRequest,
  SetACLRequest,
  SetDataRequest,
  SyncRequest,
} from './node-requests.ts';

const OPEN_ACL_BYTES = `
      00000001          acl: 1 entry
      0000001f          perms: ALL
      00000005          scheme: 5 bytes
      776f726c64        "world"
      00000006          id: 6 bytes
      616e796f6e65      "anyone"`;

describeRecords([
  {
    name: 'CreateRequest',
    record: new CreateRequest('/a', ascii('hi'), [...OPEN_ACL_UNSAFE], CreateMode.PERSISTENT),
    type: CreateRequest,
    bytes: `
      00000002          path: 2 bytes
      2f61              "/a"
      00000002          data: 2 bytes
      6869              "hi"${OPEN_ACL_BYTES}
      00000000          flags: PERSISTENT`,
  },
  {
    name: 'CreateRequest that is null in everything',
    record: new CreateRequest(null, null, null, 99),
    type: CreateRequest,
    bytes: `
      ffffffff          path: null
      ffffffff          data: null
      ffffffff          acl: null
      00000063          flags: of no mode`,
  },
  {
    name: 'CreateTTLRequest',
    record: new CreateTTLRequest('/t', null, [...OPEN_ACL_UNSAFE], CreateMode.PERSISTENT_WITH_TTL, 1_000_000),
    type: CreateTTLRequest,
    bytes: `
      00000002          path: 2 bytes
      2f74              "/t"
      ffffffff          data: null${OPEN_ACL_BYTES}
      00000005          flags: PERSISTENT_WITH_TTL
      00000000000f4240  ttl: 1000 s in ms`,
  },
  {
    name: 'DeleteRequest',
    record: new DeleteRequest('/b', -1),
    type: DeleteRequest,
    bytes: `
      00000002          path: 2 bytes
      2f62              "/b"
      ffffffff          version: any`,
  },
  {
    name: 'DeleteContainerRequest',
    record: new DeleteContainerRequest('/c'),
    type: DeleteContainerRequest,
    bytes: `
      00000002          path, as a buffer: 2 bytes
      2f63              "/c"`,
  },
  {
    name: 'ExistsRequest',
    record: new ExistsRequest('/a', false),
    type: ExistsRequest,
    bytes: `
      00000002          path: 2 bytes
      2f61              "/a"
      00                watch: no`,
  },
  {
    name: 'GetDataRequest',
    record: new GetDataRequest('/a', true),
    type: GetDataRequest,
    bytes: `
      00000002          path: 2 bytes
      2f61              "/a"
      01                watch: yes`,
  },
  {
    name: 'SetDataRequest',
    record: new SetDataRequest('/a', ascii('yo'), 0),
    type: SetDataRequest,
    bytes: `
      00000002          path: 2 bytes
      2f61              "/a"
      00000002          data: 2 bytes
      796f              "yo"
      00000000          version`,
  },
  {
    name: 'GetACLRequest',
    record: new GetACLRequest('/a'),
    type: GetACLRequest,
    bytes: `
      00000002          path: 2 bytes
      2f61              "/a"`,
  },
  {
    name: 'SetACLRequest',
    record: new SetACLRequest('/a', [...OPEN_ACL_UNSAFE, new Acl(1, 'ip', '127.0.0.1')], 0),
    type: SetACLRequest,
    bytes: `
      00000002          path: 2 bytes
      2f61              "/a"
      00000002          acl: 2 entries
      0000001f          perms: ALL
      00000005          scheme: 5 bytes
      776f726c64        "world"
      00000006          id: 6 bytes
      616e796f6e65      "anyone"
      00000001          perms: READ
      00000002          scheme: 2 bytes
      6970              "ip"
      00000009          id: 9 bytes
      3132372e302e302e31  "127.0.0.1"
      00000000          version`,
  },
  {
    name: 'GetChildrenRequest',
    record: new GetChildrenRequest('/a', false),
    type: GetChildrenRequest,
    bytes: `
      00000002          path: 2 bytes
      2f61              "/a"
      00                watch: no`,
  },
  {
    name: 'GetChildren2Request',
    record: new GetChildren2Request('/', true),
    type: GetChildren2Request,
    bytes: `
      00000001          path: 1 byte
      2f                "/"
      01                watch: yes`,
  },
  {
    name: 'GetAllChildrenNumberRequest',
    record: new GetAllChildrenNumberRequest('/'),
    type: GetAllChildrenNumberRequest,
    bytes: `
      00000001          path: 1 byte
      2f                "/"`,
  },
  {
    name: 'GetEphemeralsRequest',
    record: new GetEphemeralsRequest('/'),
    type: GetEphemeralsRequest,
    bytes: `
      00000001          prefixPath: 1 byte
      2f                "/"`,
  },
  {
    name: 'CheckVersionRequest',
    record: new CheckVersionRequest('/m', 1),
    type: CheckVersionRequest,
    bytes: `
      00000002          path: 2 bytes
      2f6d              "/m"
      00000001          version`,
  },
  {
    name: 'SyncRequest',
    record: new SyncRequest('/a'),
    type: SyncRequest,
    bytes: `
      00000002          path: 2 bytes
      2f61              "/a"`,
  },
  {
    name: 'ReconfigRequest',
    record: new ReconfigRequest('server.1=x', null, null, -1),
    type: ReconfigRequest,
    bytes: `
      0000000a          joiningServers: 10 bytes
      7365727665722e313d78  "server.1=x"
      ffffffff          leavingServers: null
      ffffffff          newMembers: null
      ffffffffffffffff  curConfigId: any`,
  },
]);

it('a ttl beyond what a number holds is drawn in, so that it is refused as too long and not as undecodable', () => {
  const bytes = encode(new CreateTTLRequest('/t', null, null, 5, 0));
  bytes.set(hex('7fffffffffffffff  Long.MAX_VALUE'), bytes.length - 8);
  expect(CreateTTLRequest.read(new JuteReader(bytes)).ttl).toBe(Number.MAX_SAFE_INTEGER);
});

it('the data of a request is a view of its frame, not a copy', () => {
  const frame = encode(new SetDataRequest('/a', ascii('yo'), 0));
  const request = SetDataRequest.read(new JuteReader(frame));
  frame.set(ascii('no'), 10);
  expect(request.data).toEqual(ascii('no'));
});

it('any byte but 0 is true', () => {
  expect(GetDataRequest.read(new JuteReader(hex('ffffffff7f  a null path, and a watch'))).watch).toBe(true);
});

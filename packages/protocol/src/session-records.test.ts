import { JuteReader } from '@corral/jute';
import { expect, it } from 'vitest';
import { ascii, describeRecords, encode, hex } from '../test/records.ts';
import {
  AuthPacket,
  ClientInfo,
  ConnectRequest,
  ConnectResponse,
  GetSASLRequest,
  SetSASLResponse,
  WhoAmIResponse,
} from './session-records.ts';

const PASSWD = hex('e2e12341c76a25fe900c527de8019b1d');

describeRecords([
  {
    name: 'ConnectRequest',
    record: new ConnectRequest(0, 0, 10_000, 0n, new Uint8Array(16), false),
    type: ConnectRequest,
    bytes: `
      00000000          protocolVersion
      0000000000000000  lastZxidSeen
      00002710          timeOut: 10 s
      0000000000000000  sessionId: a new one is asked for
      00000010          passwd: 16 bytes
      00000000000000000000000000000000
      00            readOnly`,
    shorterForms: [44],
  },
  {
    name: 'ConnectResponse',
    record: new ConnectResponse(0, 10_000, 0x0100001a07f00000n, PASSWD, false),
    type: ConnectResponse,
    bytes: `
      00000000          protocolVersion
      00002710          timeOut: 10 s
      0100001a07f00000  sessionId, the server's id on top
      00000010          passwd: 16 bytes
      e2e12341c76a25fe900c527de8019b1d
      00                readOnly`,
    shorterForms: [36],
  },
  {
    name: 'AuthPacket',
    record: new AuthPacket(0, 'digest', ascii('u:p')),
    type: AuthPacket,
    bytes: `
      00000000          type
      00000006          scheme: 6 bytes
      646967657374      "digest"
      00000003          auth: 3 bytes
      753a70            "u:p"`,
  },
  {
    name: 'GetSASLRequest',
    record: new GetSASLRequest(new Uint8Array(0)),
    type: GetSASLRequest,
    bytes: `
      00000000          token: empty, which is not null`,
  },
  {
    name: 'SetSASLResponse of a server without SASL',
    record: new SetSASLResponse(null),
    type: SetSASLResponse,
    bytes: `
      ffffffff          token: null`,
  },
  {
    name: 'WhoAmIResponse',
    record: new WhoAmIResponse([new ClientInfo('ip', '127.0.0.1')]),
    type: WhoAmIResponse,
    bytes: `
      00000001          clientInfo: 1
      00000002          authScheme: 2 bytes
      6970              "ip"
      00000009          user: 9 bytes
      3132372e302e302e31  "127.0.0.1"`,
  },
]);

it('a ConnectRequest without the readOnly byte is read as one, and written again without it', () => {
  const old = hex(`
    00000000          protocolVersion
    0000000000000000  lastZxidSeen
    00002710          timeOut
    0000000000000000  sessionId
    00000010          passwd: 16 bytes
    00000000000000000000000000000000`);
  const request = ConnectRequest.read(new JuteReader(old));
  expect(request.hasReadOnly).toBe(false);
  expect(request.readOnly).toBe(false);
  expect(encode(request)).toEqual(old);
});

it('a ConnectResponse leaves the readOnly byte out for a client that did not send it', () => {
  const response = new ConnectResponse(0, 10_000, 1n, PASSWD, false, false);
  expect(encode(response)).toHaveLength(36);
  expect(ConnectResponse.read(new JuteReader(encode(response)))).toEqual(response);
});

it('a lastZxidSeen that no server can have reached is drawn in, not refused', () => {
  const request = new ConnectRequest(0, 0, 10_000, 0n, null, false);
  const bytes = encode(request);
  bytes.fill(0x7f, 4, 12);
  expect(ConnectRequest.read(new JuteReader(bytes)).lastZxidSeen).toBe(Number.MAX_SAFE_INTEGER);
});

it('a session id above 2^63 is read as the same 64 bits', () => {
  const response = new ConnectResponse(0, 1, BigInt.asIntN(64, 0xfe00_0000_0000_0001n), null, false);
  const read = ConnectResponse.read(new JuteReader(encode(response)));
  expect(BigInt.asUintN(64, read.sessionId)).toBe(0xfe00_0000_0000_0001n);
});

import { JuteWriter } from '@corral/jute';
import { describe, expect, it } from 'vitest';
import { ascii, encode, failureOf, hex, unnamedFailures } from '../test/records.ts';
import { Acl, OPEN_ACL_UNSAFE } from './acl.ts';
import { ErrorCode } from './error.ts';
import { MultiTxn, SubTxn } from './multi-txn.ts';
import { OpCode } from './op-code.ts';
import { decodeTxn, encodeTxn, Txn, type TxnRecord } from './txn.ts';
import {
  CheckVersionTxn,
  CloseSessionTxn,
  CreateContainerTxn,
  CreateSessionTxn,
  CreateTTLTxn,
  CreateTxn,
  DeleteTxn,
  ErrorTxn,
  SetACLTxn,
  SetDataTxn,
  TxnDigest,
  TxnHeader,
} from './txn-records.ts';
import { zxidOf } from './zxid.ts';

const SESSION = 0x0100001a36450000n;
const OPEN = [...OPEN_ACL_UNSAFE];
const OPEN_ACL_BYTES = `
  00000001          acl: 1 entry
  0000001f          perms: ALL
  00000005          scheme: 5 bytes
  776f726c64        "world"
  00000006          id: 6 bytes
  616e796f6e65      "anyone"`;

/** Every kind, as Apache 3.9.5 wrote it to its log. */
const CASES: { name: string; txn: Txn; bytes: string }[] = [
  {
    name: 'createSession',
    txn: txn(0, 1, 0x1a1f8620d5a, OpCode.createSession, new CreateSessionTxn(10_000), 0x51c6d660n),
    bytes: `
  0100001a36450000  clientId
  00000000          cxid
  0000000000000001  zxid
  000001a1f8620d5a  time
  fffffff6          type: createSession, -10
  00002710          timeOut
  00000002          digest: version
  0000000051c6d660  digest of a tree that is empty`,
  },
  {
    name: 'create',
    txn: txn(
      1,
      2,
      0x1a1f8620d69,
      OpCode.create,
      new CreateTxn('/a', ascii('hi'), OPEN, false, 1),
      0x78c76bb6n,
    ),
    bytes: `
  0100001a36450000  clientId
  00000001          cxid
  0000000000000002  zxid
  000001a1f8620d69  time
  00000001          type: create
  00000002          path: 2 bytes
  2f61              "/a"
  00000002          data: 2 bytes
  6869              "hi"${OPEN_ACL_BYTES}
  00                ephemeral: no
  00000001          parentCVersion
  00000002          digest: version
  0000000078c76bb6  treeDigest`,
  },
  {
    name: 'create2 of a node without data',
    txn: txn(2, 3, 0x1a1f8620d75, OpCode.create2, new CreateTxn('/b', null, OPEN, false, 2), 0x1_7ec9_d681n),
    bytes: `
  0100001a36450000  clientId
  00000002          cxid
  0000000000000003  zxid
  000001a1f8620d75  time
  0000000f          type: create2
  00000002          path: 2 bytes
  2f62              "/b"
  ffffffff          data: null${OPEN_ACL_BYTES}
  00                ephemeral: no
  00000002          parentCVersion
  00000002          digest: version
  000000017ec9d681  treeDigest`,
  },
  {
    name: 'create of an ephemeral sequential node',
    txn: txn(
      3,
      4,
      0x1a1f8620d77,
      OpCode.create,
      new CreateTxn('/a/e-0000000000', new Uint8Array(0), OPEN, true, 1),
      0x2_338d_25b8n,
    ),
    bytes: `
  0100001a36450000  clientId: the owner
  00000003          cxid
  0000000000000004  zxid
  000001a1f8620d77  time
  00000001          type: create
  0000000f          path: 15 bytes
  2f612f652d30303030303030303030  "/a/e-0000000000"
  00000000          data: empty${OPEN_ACL_BYTES}
  01                ephemeral: yes
  00000001          parentCVersion
  00000002          digest: version
  00000002338d25b8  treeDigest`,
  },
  {
    name: 'createContainer',
    txn: txn(
      4,
      5,
      0x1a1f8620d7a,
      OpCode.createContainer,
      new CreateContainerTxn('/c', null, OPEN, 3),
      0x3_2f21_165en,
    ),
    bytes: `
  0100001a36450000  clientId
  00000004          cxid
  0000000000000005  zxid
  000001a1f8620d7a  time
  00000013          type: createContainer
  00000002          path: 2 bytes
  2f63              "/c"
  ffffffff          data: null${OPEN_ACL_BYTES}
  00000003          parentCVersion
  00000002          digest: version
  000000032f21165e  treeDigest`,
  },
  {
    name: 'createTTL',
    txn: txn(
      5,
      6,
      0x1a1f8620d7d,
      OpCode.createTTL,
      new CreateTTLTxn('/t', null, OPEN, 4, 1_000_000),
      0x3_96c8_e604n,
    ),
    bytes: `
  0100001a36450000  clientId
  00000005          cxid
  0000000000000006  zxid
  000001a1f8620d7d  time
  00000015          type: createTTL
  00000002          path: 2 bytes
  2f74              "/t"
  ffffffff          data: null${OPEN_ACL_BYTES}
  00000004          parentCVersion
  00000000000f4240  ttl, ms
  00000002          digest: version
  0000000396c8e604  treeDigest`,
  },
  {
    name: 'setData',
    txn: txn(6, 7, 0x1a1f8620d83, OpCode.setData, new SetDataTxn('/a', ascii('yo'), 1), 0x4_0a7a_bd03n),
    bytes: `
  0100001a36450000  clientId
  00000006          cxid
  0000000000000007  zxid
  000001a1f8620d83  time
  00000005          type: setData
  00000002          path: 2 bytes
  2f61              "/a"
  00000002          data: 2 bytes
  796f              "yo"
  00000001          version, afterwards
  00000002          digest: version
  000000040a7abd03  treeDigest`,
  },
  {
    name: 'setACL',
    txn: txn(
      12,
      8,
      0x1a1f8620d98,
      OpCode.setACL,
      new SetACLTxn('/a', [...OPEN, new Acl(1, 'ip', '127.0.0.1')], 1),
      0x4_1d41_b146n,
    ),
    bytes: `
  0100001a36450000  clientId
  0000000c          cxid
  0000000000000008  zxid
  000001a1f8620d98  time
  00000007          type: setACL
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
  00000001          version, afterwards
  00000002          digest: version
  000000041d41b146  treeDigest`,
  },
  {
    name: 'error, which has no digest',
    txn: txn(25, 10, 0x1a1f8620db6, OpCode.error, new ErrorTxn(ErrorCode.NODEEXISTS)),
    bytes: `
  0100001a36450000  clientId
  00000019          cxid
  000000000000000a  zxid
  000001a1f8620db6  time
  ffffffff          type: error, -1
  ffffff92          err: NODEEXISTS`,
  },
  {
    name: 'error of a multi that was not understood, which has one',
    txn: txn(47, 30, 0x1a1f8620dec, OpCode.error, new ErrorTxn(ErrorCode.MARSHALLINGERROR), 0x7_da63_236fn),
    bytes: `
  0100001a36450000  clientId
  0000002f          cxid
  000000000000001e  zxid
  000001a1f8620dec  time
  ffffffff          type: error, -1
  fffffffb          err: MARSHALLINGERROR
  00000002          digest: version
  00000007da63236f  treeDigest`,
  },
  {
    name: 'deleteContainer',
    txn: txn(26, 11, 0x1a1f8620db9, OpCode.deleteContainer, new DeleteTxn('/c'), 0x4_0d98_f2f6n),
    bytes: `
  0100001a36450000  clientId
  0000001a          cxid
  000000000000000b  zxid
  000001a1f8620db9  time
  00000014          type: deleteContainer
  00000002          path: 2 bytes
  2f63              "/c"
  00000002          digest: version
  000000040d98f2f6  treeDigest`,
  },
  {
    name: 'multi',
    txn: txn(
      29,
      14,
      0x1a1f8620dc3,
      OpCode.multi,
      new MultiTxn([
        new SubTxn(OpCode.create, new CreateTxn('/m', ascii('1'), OPEN, false, 6)),
        new SubTxn(OpCode.createTTL, new CreateTTLTxn('/m/t', null, OPEN, 3, 5000)),
        new SubTxn(OpCode.setData, new SetDataTxn('/m', ascii('2'), 1)),
        new SubTxn(OpCode.check, new CheckVersionTxn('/m', 2)),
        new SubTxn(OpCode.delete, new DeleteTxn('/m/2')),
      ]),
      0x5_58eb_e6b9n,
    ),
    bytes: `
  0100001a36450000  clientId
  0000001d          cxid
  000000000000000e  zxid
  000001a1f8620dc3  time
  0000000e          type: multi
  00000005          txns: 5
  00000001          type: create
  0000002b          43 bytes
  00000002          path: 2 bytes
  2f6d              "/m"
  00000001          data: 1 byte
  31                "1"${OPEN_ACL_BYTES}
  00                ephemeral: no
  00000006          parentCVersion
  00000015          type: createTTL
  00000033          51 bytes
  00000004          path: 4 bytes
  2f6d2f74          "/m/t"
  ffffffff          data: null${OPEN_ACL_BYTES}
  00000003          parentCVersion
  0000000000001388  ttl
  00000005          type: setData
  0000000f          15 bytes
  00000002          path: 2 bytes
  2f6d              "/m"
  00000001          data: 1 byte
  32                "2"
  00000001          version
  0000000d          type: check
  0000000a          10 bytes
  00000002          path: 2 bytes
  2f6d              "/m"
  00000002          version
  00000002          type: delete
  00000008          8 bytes
  00000004          path: 4 bytes
  2f6d2f32          "/m/2"
  00000002          digest: version
  0000000558ebe6b9  treeDigest`,
  },
  {
    name: 'multi that failed at its second part, the first kept as it was prepared',
    txn: txn(
      30,
      15,
      0x1a1f8620dcc,
      OpCode.multi,
      new MultiTxn([
        new SubTxn(OpCode.create, new CreateTxn('/p', null, OPEN, false, 7)),
        new SubTxn(OpCode.error, new ErrorTxn(ErrorCode.NONODE)),
        new SubTxn(OpCode.error, new ErrorTxn(ErrorCode.RUNTIMEINCONSISTENCY)),
      ]),
      0x5_58eb_e6b9n,
    ),
    bytes: `
  0100001a36450000  clientId
  0000001e          cxid
  000000000000000f  zxid
  000001a1f8620dcc  time
  0000000e          type: multi
  00000003          txns: 3
  00000001          type: create
  0000002a          42 bytes
  00000002          path: 2 bytes
  2f70              "/p"
  ffffffff          data: null${OPEN_ACL_BYTES}
  00                ephemeral: no
  00000007          parentCVersion
  ffffffff          type: error
  00000004          4 bytes
  ffffff9b          err: NONODE
  ffffffff          type: error
  00000004          4 bytes
  fffffffe          err: RUNTIMEINCONSISTENCY
  00000002          digest: version
  0000000558ebe6b9  treeDigest`,
  },
  {
    name: 'multi of nothing',
    txn: txn(31, 16, 0x1a1f8620dcf, OpCode.multi, new MultiTxn([]), 0x5_58eb_e6b9n),
    bytes: `
  0100001a36450000  clientId
  0000001f          cxid
  0000000000000010  zxid
  000001a1f8620dcf  time
  0000000e          type: multi
  00000000          txns: none
  00000002          digest: version
  0000000558ebe6b9  treeDigest`,
  },
  {
    name: 'closeSession',
    txn: txn(
      89,
      65,
      0x1a1f8620e33,
      OpCode.closeSession,
      new CloseSessionTxn(['/a/e-0000000000']),
      0xd_7f3b_dc2en,
    ),
    bytes: `
  0100001a36450000  clientId
  00000059          cxid
  0000000000000041  zxid
  000001a1f8620e33  time
  fffffff5          type: closeSession, -11
  00000001          paths2Delete: 1
  0000000f          15 bytes
  2f612f652d30303030303030303030  "/a/e-0000000000"
  00000002          digest: version
  0000000d7f3bdc2e  treeDigest`,
  },
  {
    name: 'closeSession of a server that writes no list',
    txn: txn(2, 3, 0x1a1f8626611, OpCode.closeSession, null, 0xd199_bd45n),
    bytes: `
  0100001a36450000  clientId
  00000002          cxid
  0000000000000003  zxid
  000001a1f8626611  time
  fffffff5          type: closeSession, -11
  00000002          digest: version
  00000000d199bd45  treeDigest`,
  },
  {
    name: 'closeSession from before 3.6, with neither list nor digest',
    txn: txn(2, 3, 0x1a1f8626611, OpCode.closeSession, null),
    bytes: `
  0100001a36450000  clientId
  00000002          cxid
  0000000000000003  zxid
  000001a1f8626611  time
  fffffff5          type: closeSession, -11`,
  },
];

describe.each(CASES)('$name', ({ txn: expected, bytes }) => {
  it('is written as captioned', () => {
    const w = new JuteWriter(16);
    encodeTxn(w, expected);
    expect(w.copy()).toEqual(hex(bytes));
  });

  it('is read back', () => {
    expect(decodeTxn(hex(bytes))).toStrictEqual(expected);
  });

  it('is refused wherever it is cut short, but where it ends without its digest', () => {
    const whole = hex(bytes);
    const withoutDigest = expected.digest === undefined ? whole.length : whole.length - 12;
    for (let length = 0; length < whole.length; length++) {
      if (length === withoutDigest) continue;
      // A closeSession may lack its list, and a create its last four bytes: see below.
      if (expected.header.type === OpCode.closeSession && length === 32) continue;
      if (expected.header.type === OpCode.create && length === withoutDigest - 4) continue;
      const failure = failureOf(() => decodeTxn(whole.subarray(0, length)));
      expect(failure, `cut to ${length} bytes`).toMatchObject({ name: 'JuteError' });
    }
  });

  it('fails with a named error or not at all, whatever length is claimed anywhere in it', () => {
    expect(unnamedFailures(hex(bytes), decodeTxn)).toEqual([]);
  });
});

it('a transaction without its digest is one all the same', () => {
  const whole = CASES[1]!;
  const { txn: expected } = whole;
  const read = decodeTxn(hex(whole.bytes).subarray(0, -12));
  expect(read).toStrictEqual(new Txn(expected.header, expected.record));
});

it('a transaction is refused where bytes are left over', () => {
  for (const { bytes } of CASES) {
    const failure = failureOf(() => decodeTxn(Uint8Array.from([...hex(bytes), 0])));
    expect(failure).toMatchObject({ name: 'JuteError' });
  }
});

it('a create from before 3.3.4 does not tell the cversion of its parent', () => {
  const old = hex(`
    0000000000000001  clientId
    00000001          cxid
    0000000000000002  zxid
    0000000000000003  time
    00000001          type: create
    00000002          path: 2 bytes
    2f61              "/a"
    ffffffff          data: null
    ffffffff          acl: null
    01                ephemeral: yes`);
  expect(decodeTxn(old).record).toStrictEqual(new CreateTxn('/a', null, null, true, -1));
});

it('a create2 always tells the cversion of its parent: it is younger than that', () => {
  const bytes = hex(CASES[2]!.bytes);
  expect(failureOf(() => decodeTxn(bytes.subarray(0, -16)))).toMatchObject({
    name: 'JuteError',
    code: 'TRUNCATED',
  });
});

it('a reconfig carries a SetDataTxn', () => {
  const record = new SetDataTxn('/zookeeper/config', ascii('version=100000000'), -1);
  const w = new JuteWriter();
  encodeTxn(w, txn(1, 1, 1, OpCode.reconfig, record));
  expect(decodeTxn(w.copy()).record).toStrictEqual(record);
});

it('a list of one path of four bytes is not taken for a digest', () => {
  const w = new JuteWriter();
  encodeTxn(w, txn(1, 1, 1, OpCode.closeSession, new CloseSessionTxn(['/abc'])));
  expect(decodeTxn(w.copy())).toStrictEqual(txn(1, 1, 1, OpCode.closeSession, new CloseSessionTxn(['/abc'])));
});

it('the data of a transaction is a view of its entry, not a copy', () => {
  const entry = hex(CASES[1]!.bytes);
  const { record } = decodeTxn(entry);
  entry.set(ascii('ho'), entry.indexOf(0x68));
  expect((record as CreateTxn).data).toEqual(ascii('ho'));
});

describe('a log entry is refused', () => {
  it.each([OpCode.check, OpCode.getData, OpCode.notification, OpCode.auth, 4711])(
    'where it is of type %i, which no log may hold',
    (type) => {
      const header = encode(new TxnHeader(0n, 0, zxidOf(0, 1), 0, type));
      expect(failureOf(() => decodeTxn(header))).toMatchObject({ name: 'ProtocolError', code: 'UNKNOWN_OP' });
    },
  );

  it('where its zxid is negative', () => {
    const entry = hex(CASES[0]!.bytes);
    entry[12] = 0x80;
    expect(failureOf(() => decodeTxn(entry))).toMatchObject({ code: 'OUT_OF_RANGE', offset: 12 });
  });

  it.each([
    ['a path', (w: JuteWriter) => w.writeString(null), OpCode.delete],
    ['the list of a multi', (w: JuteWriter) => w.writeInt(-1), OpCode.multi],
    [
      'a part of a multi',
      (w: JuteWriter) => (w.writeInt(1), w.writeInt(OpCode.delete), w.writeInt(-1)),
      OpCode.multi,
    ],
    ['the list of a closeSession', (w: JuteWriter) => w.writeInt(-1), OpCode.closeSession],
    ['a path of a closeSession', (w: JuteWriter) => (w.writeInt(1), w.writeInt(-1)), OpCode.closeSession],
  ])('where %s is null', (_what, body, type) => {
    const w = new JuteWriter();
    new TxnHeader(0n, 0, zxidOf(0, 1), 0, type).write(w);
    body(w);
    expect(failureOf(() => decodeTxn(w.copy()))).toMatchObject({ name: 'ProtocolError', code: 'MISSING' });
  });

  it.each([OpCode.multi, OpCode.setACL, OpCode.createSession, 4711])(
    'where a multi holds a part of type %i',
    (type) => {
      const w = multiWithPart(type, (part) => part.writeInt(0));
      expect(failureOf(() => decodeTxn(w.copy()))).toMatchObject({
        name: 'ProtocolError',
        code: 'UNKNOWN_OP',
      });
    },
  );

  it('where a part of a multi reaches beyond its own buffer', () => {
    const w = multiWithPart(OpCode.delete, (part) => part.writeInt(4));
    w.writeRaw(ascii('/abc'));
    expect(failureOf(() => decodeTxn(w.copy()))).toMatchObject({ name: 'JuteError', code: 'TRUNCATED' });
  });
});

it('bytes that a part of a multi leaves unread are passed over, as Java passes over them', () => {
  const w = multiWithPart(OpCode.error, (part) => (part.writeInt(-101), part.writeInt(4711)));
  expect(decodeTxn(w.copy()).record).toStrictEqual(
    new MultiTxn([new SubTxn(OpCode.error, new ErrorTxn(-101))]),
  );
});

function txn(
  cxid: number,
  zxid: number,
  time: number,
  type: number,
  record: TxnRecord | null,
  treeDigest?: bigint,
): Txn {
  const digest = treeDigest === undefined ? undefined : new TxnDigest(2, treeDigest);
  return new Txn(new TxnHeader(SESSION, cxid, zxidOf(0, zxid), time, type), record, digest);
}

function multiWithPart(type: number, write: (part: JuteWriter) => void): JuteWriter {
  const w = new JuteWriter();
  new TxnHeader(0n, 0, zxidOf(0, 1), 0, OpCode.multi).write(w);
  w.writeInt(1);
  w.writeInt(type);
  const length = w.reserveInt();
  write(w);
  w.patchLength(length);
  return w;
}

import { JuteReader, JuteWriter } from '@corral/jute';
import { describe, expect, it } from 'vitest';
import { ascii, failureOf, hex } from '../test/records.ts';
import { OPEN_ACL_UNSAFE } from './acl.ts';
import { CreateMode } from './create-mode.ts';
import { MultiHeader } from './multi-header.ts';
import { isMultiReadOp, type MultiOp, readMultiRequest, writeMultiRequest } from './multi-request.ts';
import {
  CheckVersionRequest,
  CreateRequest,
  CreateTTLRequest,
  DeleteRequest,
  GetChildrenRequest,
  GetDataRequest,
  SetDataRequest,
} from './node-requests.ts';
import { OpCode } from './op-code.ts';
import { ProtocolError } from './protocol-error.ts';

const OPEN = [...OPEN_ACL_UNSAFE];
const OPS_MAX = 100;

const WRITES: MultiOp[] = [
  { type: OpCode.create, record: new CreateRequest('/m', ascii('1'), OPEN, CreateMode.PERSISTENT) },
  { type: OpCode.create2, record: new CreateRequest('/m/2', null, OPEN, CreateMode.PERSISTENT) },
  { type: OpCode.createContainer, record: new CreateRequest('/m/c', null, OPEN, CreateMode.CONTAINER) },
  {
    type: OpCode.createTTL,
    record: new CreateTTLRequest('/m/t', null, OPEN, CreateMode.PERSISTENT_WITH_TTL, 5000),
  },
  { type: OpCode.setData, record: new SetDataRequest('/m', ascii('2'), 0) },
  { type: OpCode.check, record: new CheckVersionRequest('/m', 1) },
  { type: OpCode.delete, record: new DeleteRequest('/m/2', -1) },
];

/** As accepted by Apache 3.9.5. */
const WRITES_BYTES = `
  00000001          type: create
  00                done: no
  ffffffff          err
  00000002          path: 2 bytes
  2f6d              "/m"
  00000001          data: 1 byte
  31                "1"
  00000001          acl: 1 entry
  0000001f          perms: ALL
  00000005          scheme: 5 bytes
  776f726c64        "world"
  00000006          id: 6 bytes
  616e796f6e65      "anyone"
  00000000          flags: PERSISTENT
  0000000f          type: create2
  00                done: no
  ffffffff          err
  00000004          path: 4 bytes
  2f6d2f32          "/m/2"
  ffffffff          data: null
  00000001          acl: 1 entry
  0000001f          perms: ALL
  00000005          scheme: 5 bytes
  776f726c64        "world"
  00000006          id: 6 bytes
  616e796f6e65      "anyone"
  00000000          flags: PERSISTENT
  00000013          type: createContainer
  00                done: no
  ffffffff          err
  00000004          path: 4 bytes
  2f6d2f63          "/m/c"
  ffffffff          data: null
  00000001          acl: 1 entry
  0000001f          perms: ALL
  00000005          scheme: 5 bytes
  776f726c64        "world"
  00000006          id: 6 bytes
  616e796f6e65      "anyone"
  00000004          flags: CONTAINER
  00000015          type: createTTL
  00                done: no
  ffffffff          err
  00000004          path: 4 bytes
  2f6d2f74          "/m/t"
  ffffffff          data: null
  00000001          acl: 1 entry
  0000001f          perms: ALL
  00000005          scheme: 5 bytes
  776f726c64        "world"
  00000006          id: 6 bytes
  616e796f6e65      "anyone"
  00000005          flags: PERSISTENT_WITH_TTL
  0000000000001388  ttl: 5 s
  00000005          type: setData
  00                done: no
  ffffffff          err
  00000002          path: 2 bytes
  2f6d              "/m"
  00000001          data: 1 byte
  32                "2"
  00000000          version
  0000000d          type: check
  00                done: no
  ffffffff          err
  00000002          path: 2 bytes
  2f6d              "/m"
  00000001          version
  00000002          type: delete
  00                done: no
  ffffffff          err
  00000004          path: 4 bytes
  2f6d2f32          "/m/2"
  ffffffff          version: any
  ffffffff          terminator: type -1
  01                done: yes
  ffffffff          err`;

describe('a multi of writes', () => {
  it('is headers and records in turn, ended by a header that is done', () => {
    const w = new JuteWriter(16);
    writeMultiRequest(w, WRITES);
    expect(w.copy()).toEqual(hex(WRITES_BYTES));
  });

  it('is read back, to the last byte', () => {
    const r = new JuteReader(hex(WRITES_BYTES));
    expect(readMultiRequest(r, OPS_MAX)).toStrictEqual(WRITES);
    expect(r.remaining).toBe(0);
  });

  it('is refused wherever it is cut short', () => {
    const whole = hex(WRITES_BYTES);
    for (let length = 0; length < whole.length; length++) {
      const failure = failureOf(() => readMultiRequest(new JuteReader(whole.subarray(0, length)), OPS_MAX));
      expect(failure, `cut to ${length} bytes`).toMatchObject({ name: 'JuteError', code: 'TRUNCATED' });
    }
  });

  it('may be empty', () => {
    expect(readMultiRequest(requestOf(end), OPS_MAX)).toEqual([]);
  });

  it('ends at any header that is done, whatever else stands in it', () => {
    const r = requestOf((w) => new MultiHeader(OpCode.multi, true, 5).write(w));
    expect(readMultiRequest(r, OPS_MAX)).toEqual([]);
  });
});

it('a multi of reads is told from one of writes', () => {
  const reads: MultiOp[] = [
    { type: OpCode.getData, record: new GetDataRequest('/a', false) },
    { type: OpCode.getChildren, record: new GetChildrenRequest('/a', false) },
  ];
  const w = new JuteWriter();
  writeMultiRequest(w, reads);
  const read = readMultiRequest(new JuteReader(w.copy()), OPS_MAX);
  expect(read).toStrictEqual(reads);
  expect(read.every(isMultiReadOp)).toBe(true);
  expect(WRITES.some(isMultiReadOp)).toBe(false);
});

describe('what a create in a multi is follows from its flags', () => {
  it.each([
    [OpCode.create, CreateMode.PERSISTENT, OpCode.create],
    [OpCode.create, CreateMode.EPHEMERAL_SEQUENTIAL, OpCode.create],
    [OpCode.create, CreateMode.CONTAINER, OpCode.createContainer],
    [OpCode.create2, CreateMode.PERSISTENT, OpCode.create2],
    [OpCode.create2, CreateMode.CONTAINER, OpCode.createContainer],
    [OpCode.createContainer, CreateMode.CONTAINER, OpCode.createContainer],
    // Apache keeps the type it was sent with here: a container, whatever the flags promise.
    [OpCode.createContainer, CreateMode.PERSISTENT, OpCode.createContainer],
    [OpCode.createContainer, CreateMode.EPHEMERAL, OpCode.createContainer],
  ])('operation %i with flags %i is operation %i', (sent, flags, understood) => {
    const record = new CreateRequest('/q', null, OPEN, flags);
    const r = requestOf((w) => (op(w, sent), record.write(w), end(w)));
    expect(readMultiRequest(r, OPS_MAX)).toStrictEqual([{ type: understood, record }]);
  });

  it.each([
    [CreateMode.PERSISTENT, OpCode.create],
    [CreateMode.CONTAINER, OpCode.createContainer],
    // Left to be refused as BADARGUMENTS of this one operation.
    [99, OpCode.create],
  ])('createTTL with flags %i is operation %i, and has no ttl', (flags, understood) => {
    const r = requestOf(
      (w) => (op(w, OpCode.createTTL), new CreateTTLRequest('/q', null, OPEN, flags, 5).write(w), end(w)),
    );
    const record = new CreateRequest('/q', null, OPEN, flags);
    expect(readMultiRequest(r, OPS_MAX)).toStrictEqual([{ type: understood, record }]);
  });

  it.each([CreateMode.PERSISTENT_WITH_TTL, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL])(
    'createTTL with flags %i keeps its ttl',
    (flags) => {
      const record = new CreateTTLRequest('/q', null, null, flags, 5);
      const r = requestOf((w) => (op(w, OpCode.createTTL), record.write(w), end(w)));
      expect(readMultiRequest(r, OPS_MAX)).toStrictEqual([{ type: OpCode.createTTL, record }]);
    },
  );
});

describe('a multi is refused as a whole', () => {
  it.each<[string, string, (w: JuteWriter) => void]>([
    ['where it holds a multi', 'UNKNOWN_OP', (w) => (op(w, OpCode.multi), end(w), end(w))],
    ['where it holds a multiRead', 'UNKNOWN_OP', (w) => (op(w, OpCode.multiRead), end(w), end(w))],
    ['where it holds an operation nobody knows', 'UNKNOWN_OP', (w) => (op(w, 4711), end(w))],
    ['where it holds an error', 'UNKNOWN_OP', (w) => (op(w, OpCode.error), end(w))],
    [
      "where it holds an operation that is the server's own",
      'UNKNOWN_OP',
      (w) => (op(w, OpCode.deleteContainer), end(w)),
    ],
    [
      'where it holds exists, which cannot be part of one',
      'UNKNOWN_OP',
      (w) => (op(w, OpCode.exists), end(w)),
    ],
    ['where flags of a create name no mode', 'BAD_MODE', (w) => create(w, OpCode.create, 99)],
    ['where flags of a create ask for a TTL without one', 'BAD_MODE', (w) => create(w, OpCode.create2, 5)],
    ['where flags of a create are negative', 'BAD_MODE', (w) => create(w, OpCode.createContainer, -1)],
    ['where reads follow writes', 'MIXED_KINDS', (w) => (deletion(w), data(w), end(w))],
    ['where writes follow reads', 'MIXED_KINDS', (w) => (data(w), deletion(w), end(w))],
    [
      'where the ACL of a create is null',
      'MISSING',
      (w) => (op(w, OpCode.create), new CreateRequest('/q', null, null, 0).write(w)),
    ],
  ])('%s', (_where, code, body) => {
    const failure = failureOf(() => readMultiRequest(requestOf(body), OPS_MAX));
    expect(failure).toBeInstanceOf(ProtocolError);
    expect(failure).toMatchObject({ code });
  });

  it('where it holds more operations than the bound, before the next one is read', () => {
    const two = requestOf((w) => (deletion(w), deletion(w), end(w)));
    expect(readMultiRequest(two, 2)).toHaveLength(2);
    const three = requestOf((w) => (deletion(w), deletion(w), deletion(w), end(w)));
    expect(failureOf(() => readMultiRequest(three, 2))).toMatchObject({ code: 'TOO_MANY_OPS', offset: 38 });
  });
});

function requestOf(body: (w: JuteWriter) => void): JuteReader {
  const w = new JuteWriter();
  body(w);
  return new JuteReader(w.copy());
}

function op(w: JuteWriter, type: number): void {
  new MultiHeader(type, false, -1).write(w);
}

function end(w: JuteWriter): void {
  new MultiHeader(-1, true, -1).write(w);
}

function create(w: JuteWriter, type: number, flags: number): void {
  op(w, type);
  new CreateRequest('/q', null, OPEN, flags).write(w);
  end(w);
}

function deletion(w: JuteWriter): void {
  op(w, OpCode.delete);
  new DeleteRequest('/q', -1).write(w);
}

function data(w: JuteWriter): void {
  op(w, OpCode.getData);
  new GetDataRequest('/q', false).write(w);
}

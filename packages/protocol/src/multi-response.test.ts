import { JuteReader, JuteWriter } from '@corral/jute';
import { describe, expect, it } from 'vitest';
import { ascii, failureOf, hex } from '../test/records.ts';
import { ErrorCode } from './error.ts';
import { MultiHeader } from './multi-header.ts';
import { type MultiResult, readMultiResponse, writeMultiResponse } from './multi-response.ts';
import {
  Create2Response,
  CreateResponse,
  ErrorResponse,
  GetChildrenResponse,
  GetDataResponse,
  SetDataResponse,
} from './node-responses.ts';
import { OpCode } from './op-code.ts';
import { Stat } from './stat.ts';
import { zxidOf } from './zxid.ts';

const STAT = new Stat(zxidOf(0, 14), zxidOf(0, 14), 1, 1, 0, 0, 0, 0n, 0, 0, zxidOf(0, 14));
const STAT_BYTES = `
  000000000000000e  stat: czxid
  000000000000000e  mzxid
  0000000000000001  ctime
  0000000000000001  mtime
  00000000          version
  00000000          cversion
  00000000          aversion
  0000000000000000  ephemeralOwner
  00000000          dataLength
  00000000          numChildren
  000000000000000e  pzxid`;
const END_BYTES = `
  ffffffff          terminator: type -1
  01                done: yes
  ffffffff          err`;

const CASES: { name: string; results: MultiResult[]; bytes: string }[] = [
  {
    name: 'of writes that happened holds a result of every kind',
    results: [
      { type: OpCode.create, record: new CreateResponse('/m') },
      { type: OpCode.create2, record: new Create2Response('/m/2', STAT) },
      { type: OpCode.setData, record: new SetDataResponse(STAT) },
      { type: OpCode.check, record: undefined },
      { type: OpCode.delete, record: undefined },
    ],
    bytes: `
  00000001          type: create
  00                done: no
  00000000          err: OK
  00000002          path: 2 bytes
  2f6d              "/m"
  0000000f          type: create2
  00                done: no
  00000000          err: OK
  00000004          path: 4 bytes
  2f6d2f32          "/m/2"${STAT_BYTES}
  00000005          type: setData
  00                done: no
  00000000          err: OK${STAT_BYTES}
  0000000d          type: check
  00                done: no
  00000000          err: OK
  00000002          type: delete
  00                done: no
  00000000          err: OK${END_BYTES}`,
  },
  {
    name: 'of writes that failed at the second says 0, the error, and -2 for what was never tried',
    results: [
      { type: OpCode.error, record: new ErrorResponse(ErrorCode.OK) },
      { type: OpCode.error, record: new ErrorResponse(ErrorCode.NONODE) },
      { type: OpCode.error, record: new ErrorResponse(ErrorCode.RUNTIMEINCONSISTENCY) },
    ],
    bytes: `
  ffffffff          type: error
  00                done: no
  00000000          err: OK
  00000000          err: OK
  ffffffff          type: error
  00                done: no
  ffffff9b          err: NONODE
  ffffff9b          err: NONODE
  ffffffff          type: error
  00                done: no
  fffffffe          err: RUNTIMEINCONSISTENCY
  fffffffe          err: RUNTIMEINCONSISTENCY${END_BYTES}`,
  },
  {
    name: 'of reads has an error beside results',
    results: [
      { type: OpCode.getData, record: new GetDataResponse(ascii('yo'), STAT) },
      { type: OpCode.error, record: new ErrorResponse(ErrorCode.NONODE) },
      { type: OpCode.getChildren, record: new GetChildrenResponse(['c', 't']) },
    ],
    bytes: `
  00000004          type: getData
  00                done: no
  00000000          err: OK
  00000002          data: 2 bytes
  796f              "yo"${STAT_BYTES}
  ffffffff          type: error
  00                done: no
  ffffff9b          err: NONODE
  ffffff9b          err: NONODE
  00000008          type: getChildren
  00                done: no
  00000000          err: OK
  00000002          children: 2
  00000001          1 byte
  63                "c"
  00000001          1 byte
  74                "t"${END_BYTES}`,
  },
  { name: 'of nothing is the terminator', results: [], bytes: END_BYTES },
];

describe('the reply to a multi', () => {
  it.each(CASES)('$name', ({ results, bytes }) => {
    const w = new JuteWriter(16);
    writeMultiResponse(w, results);
    expect(w.copy()).toEqual(hex(bytes));
    const r = new JuteReader(hex(bytes));
    expect(readMultiResponse(r, results.length)).toStrictEqual(results);
    expect(r.remaining).toBe(0);
  });

  it.each(CASES)('$name, and is refused wherever it is cut short', ({ results, bytes }) => {
    const whole = hex(bytes);
    for (let length = 0; length < whole.length; length++) {
      const failure = failureOf(() =>
        readMultiResponse(new JuteReader(whole.subarray(0, length)), results.length),
      );
      expect(failure, `cut to ${length} bytes`).toMatchObject({ name: 'JuteError', code: 'TRUNCATED' });
    }
  });

  it('is refused where it holds a result that cannot be', () => {
    const w = new JuteWriter();
    new MultiHeader(OpCode.exists, false, 0).write(w);
    expect(failureOf(() => readMultiResponse(new JuteReader(w.copy()), 9))).toMatchObject({
      code: 'UNKNOWN_OP',
    });
  });

  it('is refused where it holds more results than were asked for', () => {
    const bytes = hex(CASES[1]!.bytes);
    expect(failureOf(() => readMultiResponse(new JuteReader(bytes), 2))).toMatchObject({
      code: 'TOO_MANY_OPS',
    });
  });
});

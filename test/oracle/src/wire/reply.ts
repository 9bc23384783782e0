import { opCodes, type Operation } from './operation.ts';
import { LineReader, type Line, type Names } from './line.ts';

export const notificationXid = -1;

export interface Reply {
  readonly xid: number;
  readonly zxid: bigint;
  readonly err: number;
  readonly line: Line;
}

/** The xid of a frame that came from the server. */
export function xidOf(frame: Uint8Array): number | undefined {
  return frame.length < 4 ? undefined : new DataView(frame.buffer, frame.byteOffset).getInt32(0);
}

/** A notification, taken apart. */
export function readNotification(frame: Uint8Array, names: Names): Line {
  return taken(frame, names, (line) => {
    line.word('event');
    line.int('xid');
    line.zxid('zxid');
    line.int('err');
    line.int('type');
    line.int('state');
    line.text('path');
  });
}

/** The answer to `request`, taken apart. */
export function readReply(request: Operation, frame: Uint8Array, names: Names): Reply {
  const header = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const whole = frame.length >= 16;
  const err = whole ? header.getInt32(12) : Number.NaN;
  const line = taken(frame, names, (read) => {
    read.int('xid');
    read.zxid('zxid');
    read.int('err');
    if (err === 0 || read.remaining > 0) readBody(read, request);
  });
  return { xid: header.getInt32(0), zxid: whole ? header.getBigInt64(4) : 0n, err, line };
}

function taken(frame: Uint8Array, names: Names, read: (line: LineReader) => void): Line {
  const line = new LineReader(frame, names);
  try {
    read(line);
    return line.done();
  } catch (fault) {
    return line.done(String(fault));
  }
}

const nameOfCode = new Map(Object.entries(opCodes).map(([name, code]) => [code, name]));

function readBody(line: LineReader, request: Operation): void {
  const name = request.op === 'raw' ? nameOfCode.get(request.type) : request.op;
  switch (name) {
    case 'create':
    case 'sync':
      return line.text('path');
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      line.text('path');
      return line.stat('stat');
    case 'exists':
    case 'setData':
    case 'setACL':
      return line.stat('stat');
    case 'getData':
      line.data('data');
      return line.stat('stat');
    case 'getACL':
      readAcl(line);
      return line.stat('stat');
    case 'getChildren':
      return readTexts(line, 'children');
    case 'getChildren2':
      readTexts(line, 'children');
      return line.stat('stat');
    case 'getEphemerals':
      return readTexts(line, 'ephemerals');
    case 'getAllChildrenNumber':
      line.int('totalNumber');
      return;
    case 'addWatch':
      line.int('body');
      return;
    case 'sasl':
      return line.data('token');
    case 'whoAmI':
      return line.vector('clients', false, () => {
        line.text('scheme');
        line.text('user');
      });
    case 'multi':
    case 'multiRead':
      return readResults(line);
    default:
  }
}

function readAcl(line: LineReader): void {
  line.vector('acl', false, () => {
    line.int('perms');
    line.text('scheme');
    line.text('id');
  });
}

function readTexts(line: LineReader, name: string): void {
  line.vector(name, true, () => line.text(''));
}

function readResults(line: LineReader): void {
  for (;;) {
    line.word('|');
    const type = line.int('type');
    const isDone = line.bool('done');
    line.int('err');
    if (isDone) return;
    readResult(line, type);
  }
}

function readResult(line: LineReader, type: number): void {
  switch (nameOfCode.get(type)) {
    case 'create':
      return line.text('path');
    case 'create2':
      line.text('path');
      return line.stat('stat');
    case 'setData':
      return line.stat('stat');
    case 'getData':
      line.data('data');
      return line.stat('stat');
    case 'getChildren':
      return readTexts(line, 'children');
    default:
      if (type === -1) line.int('body');
  }
}

import { JuteWriter } from '@corral/jute';
import {
  Acl,
  AddWatchRequest,
  AuthPacket,
  CheckVersionRequest,
  CheckWatchesRequest,
  ConnectRequest,
  ConnectResponse,
  CreateRequest,
  CreateTTLRequest,
  DeleteRequest,
  ExistsRequest,
  GetACLRequest,
  GetAllChildrenNumberRequest,
  GetChildren2Request,
  GetChildrenRequest,
  GetDataRequest,
  GetEphemeralsRequest,
  GetSASLRequest,
  type MultiOp,
  OpCode,
  ReconfigRequest,
  RemoveWatchesRequest,
  RequestHeader,
  SetACLRequest,
  SetDataRequest,
  SetWatches,
  SetWatches2,
  SyncRequest,
  writeMultiRequest,
} from '@corral/protocol';
import type { Dice } from './dice.ts';

interface Writable {
  write(w: JuteWriter): void;
}

/** The bytes of one request of a client, with its header. */
export function request(dice: Dice): Uint8Array {
  const w = new JuteWriter();
  const [type, record] = dice.pick(REQUESTS)(dice);
  new RequestHeader(dice.pick([1, dice.below(1000), -1, -2, -4, -8, dice.int()]), type).write(w);
  record?.write(w);
  return w.copy();
}

export function connectRequest(dice: Dice): Uint8Array {
  const zxid = dice.pick([0, 0, 1, 2 ** 40, 2 ** 53 - 1]);
  const id = dice.once(2) ? 0n : dice.long();
  const password = dice.pick([null, dice.bytes(16), dice.bytes(16), dice.bytes(dice.length(40))]);
  const record = new ConnectRequest(
    dice.pick([0, 0, 0, dice.int()]),
    zxid,
    dice.int(),
    id,
    password,
    dice.once(2),
    dice.once(2),
  );
  return encoded(record);
}

export function connectResponse(dice: Dice): Uint8Array {
  return encoded(new ConnectResponse(0, dice.int(), dice.long(), dice.bytes(16), dice.once(2), dice.once(2)));
}

export function encoded(record: Writable): Uint8Array {
  const w = new JuteWriter();
  record.write(w);
  return w.copy();
}

/** A frame: the length, and so many bytes. */
export function framed(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + payload.length);
  new DataView(frame.buffer).setInt32(0, payload.length);
  frame.set(payload, 4);
  return frame;
}

export function path(dice: Dice): string | null {
  if (dice.once(20))
    return dice.pick([null, '', '/', '//', '/a/', 'a', '/a/../b', '/\u0000', '/\ud800', '/zookeeper/quota']);
  let text = '';
  for (let depth = 1 + dice.below(3); depth > 0; depth--) text += `/${dice.pick(NAMES)}`;
  return text;
}

export function data(dice: Dice): Uint8Array | null {
  return dice.once(8) ? null : dice.bytes(dice.length(200));
}

export function acls(dice: Dice): readonly Acl[] | null {
  if (dice.once(12)) return null;
  return Array.from({ length: dice.length(4) + (dice.once(5) ? 0 : 1) }, () => {
    const [scheme, id] = dice.pick(IDENTITIES);
    return new Acl(dice.pick([31, 31, 1, 0, dice.int()]), scheme, id);
  });
}

function paths(dice: Dice): (string | null)[] | null {
  return dice.once(6) ? null : Array.from({ length: dice.length(6) }, () => path(dice));
}

export function multi(dice: Dice): readonly MultiOp[] {
  const isReading = dice.once(3);
  return Array.from({ length: dice.length(8) }, () => dice.pick(isReading ? READS : WRITES)(dice));
}

type Made<T> = (dice: Dice) => T;

const WRITES: readonly Made<MultiOp>[] = [
  (d) => ({ type: OpCode.create, record: new CreateRequest(path(d), data(d), acls(d) ?? [], d.below(5)) }),
  (d) => ({ type: OpCode.create2, record: new CreateRequest(path(d), data(d), acls(d) ?? [], d.below(4)) }),
  (d) => ({ type: OpCode.delete, record: new DeleteRequest(path(d), d.int()) }),
  (d) => ({ type: OpCode.setData, record: new SetDataRequest(path(d), data(d), -1) }),
  (d) => ({ type: OpCode.check, record: new CheckVersionRequest(path(d), d.int()) }),
];
const READS: readonly Made<MultiOp>[] = [
  (d) => ({ type: OpCode.getData, record: new GetDataRequest(path(d), d.once(2)) }),
  (d) => ({ type: OpCode.getChildren, record: new GetChildrenRequest(path(d), d.once(2)) }),
];

/** Of the multi, the operations are the record. */
const REQUESTS: readonly Made<readonly [type: number, record: Writable | undefined]>[] = [
  (d) => [OpCode.create, new CreateRequest(path(d), data(d), acls(d), d.pick([0, 0, 1, 2, 3, 4, d.int()]))],
  (d) => [OpCode.create2, new CreateRequest(path(d), data(d), acls(d), d.below(8))],
  (d) => [
    OpCode.createTTL,
    new CreateTTLRequest(path(d), data(d), acls(d), d.pick([5, 6, d.int()]), d.below(1000)),
  ],
  (d) => [OpCode.createContainer, new CreateRequest(path(d), data(d), acls(d), 4)],
  (d) => [OpCode.delete, new DeleteRequest(path(d), d.pick([-1, 0, d.int()]))],
  (d) => [OpCode.exists, new ExistsRequest(path(d), d.once(2))],
  (d) => [OpCode.getData, new GetDataRequest(path(d), d.once(2))],
  (d) => [OpCode.setData, new SetDataRequest(path(d), data(d), d.pick([-1, 0, d.int()]))],
  (d) => [OpCode.getACL, new GetACLRequest(path(d))],
  (d) => [OpCode.setACL, new SetACLRequest(path(d), acls(d), -1)],
  (d) => [OpCode.getChildren, new GetChildrenRequest(path(d), d.once(2))],
  (d) => [OpCode.getChildren2, new GetChildren2Request(path(d), d.once(2))],
  (d) => [OpCode.getAllChildrenNumber, new GetAllChildrenNumberRequest(path(d))],
  (d) => [OpCode.getEphemerals, new GetEphemeralsRequest(path(d))],
  (d) => [OpCode.sync, new SyncRequest(path(d))],
  (d) => [OpCode.check, new CheckVersionRequest(path(d), d.int())],
  (d) => [OpCode.setWatches, new SetWatches(d.pick([0, 2 ** 40]), paths(d), paths(d), paths(d))],
  (d) => [OpCode.setWatches2, new SetWatches2(0, paths(d), paths(d), paths(d), paths(d), paths(d))],
  (d) => [OpCode.addWatch, new AddWatchRequest(path(d), d.pick([0, 1, d.int()]))],
  (d) => [OpCode.checkWatches, new CheckWatchesRequest(path(d), d.pick([1, 2, 3, d.int()]))],
  (d) => [OpCode.removeWatches, new RemoveWatchesRequest(path(d), d.pick([1, 2, 3, d.int()]))],
  (d) => [OpCode.reconfig, new ReconfigRequest('server.2=h:1:2;3', path(d), null, d.long() === 0n ? 0 : -1)],
  (d) => [OpCode.auth, new AuthPacket(0, d.pick(['digest', 'ip', 'x', null, '__proto__']), data(d))],
  (d) => [OpCode.sasl, new GetSASLRequest(data(d))],
  () => [OpCode.ping, undefined],
  () => [OpCode.whoAmI, undefined],
  (d) => [d.once(10) ? OpCode.closeSession : d.int(), new DeleteRequest(path(d), 0)],
  (d) => {
    const ops = multi(d);
    const isReading = ops[0]?.type === OpCode.getData || ops[0]?.type === OpCode.getChildren;
    return [isReading ? OpCode.multiRead : OpCode.multi, { write: (w) => writeMultiRequest(w, ops) }];
  },
];

const NAMES = ['a', 'b', 'c', 'ü', 'zookeeper', 'quota', 'a name with blanks', '__proto__', 'constructor'];
const IDENTITIES: readonly (readonly [string, string])[] = [
  ['world', 'anyone'],
  ['world', 'anyone'],
  ['auth', ''],
  ['digest', 'u:p'],
  ['ip', '127.0.0.1/8'],
  ['ip', 'nonsense'],
  ['__proto__', 'x'],
];

import type { JuteReader, JuteWriter } from '@corral/jute';
import { CreateMode, isContainer, isCreateMode, isTtl } from './create-mode.ts';
import { MultiHeader } from './multi-header.ts';
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

/** One operation of a multi or multiRead. */
export type MultiOp =
  | { readonly type: typeof OpCode.create; readonly record: CreateRequest }
  | { readonly type: typeof OpCode.create2; readonly record: CreateRequest }
  | { readonly type: typeof OpCode.createContainer; readonly record: CreateRequest }
  | { readonly type: typeof OpCode.createTTL; readonly record: CreateTTLRequest }
  | { readonly type: typeof OpCode.delete; readonly record: DeleteRequest }
  | { readonly type: typeof OpCode.setData; readonly record: SetDataRequest }
  | { readonly type: typeof OpCode.check; readonly record: CheckVersionRequest }
  | { readonly type: typeof OpCode.getData; readonly record: GetDataRequest }
  | { readonly type: typeof OpCode.getChildren; readonly record: GetChildrenRequest };

export type MultiOpType = MultiOp['type'];

/** A multi only reads (opcode multiRead): its results stand each for itself, and nothing is a transaction. */
export function isMultiReadOp(op: MultiOp): boolean {
  return op.type === OpCode.getData || op.type === OpCode.getChildren;
}

/**
 * Reads the body of a multi or multiRead (MultiOperationRecord), up to and including the terminator.
 *
 * As in Apache, what a create is follows from its flags, not only from the type it was sent with: flags of a
 * container make it `createContainer`; `createTTL` without TTL flags is a plain create (or a container) and its
 * ttl is forgotten.
 *
 * @param opsMax the most operations believed
 * @throws JuteError where the bytes do not hold what they promise, a missing terminator included
 * @throws ProtocolError for an unknown or nested operation, reads beside writes, create flags that are none
 */
export function readMultiRequest(r: JuteReader, opsMax: number): MultiOp[] {
  const ops: MultiOp[] = [];
  for (;;) {
    const at = r.offset;
    const type = r.readInt();
    const done = r.readBool();
    r.skip(4);
    if (done) return ops;
    if (ops.length >= opsMax) throw new ProtocolError('TOO_MANY_OPS', at, `more than ${opsMax} operations`);
    const op = readOp(r, type, at);
    if (ops.length > 0 && isMultiReadOp(op) !== isMultiReadOp(ops[0]!)) {
      throw new ProtocolError('MIXED_KINDS', at, 'reads and writes in one multi');
    }
    ops.push(op);
  }
}

export function writeMultiRequest(w: JuteWriter, ops: readonly MultiOp[]): void {
  for (const op of ops) {
    MultiHeader.writeFields(w, op.type, false, -1);
    op.record.write(w);
  }
  MultiHeader.writeFields(w, -1, true, -1);
}

function readOp(r: JuteReader, type: number, at: number): MultiOp {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return createOp(type, CreateRequest.read(r), at);
    case OpCode.createTTL:
      return createTtlOp(CreateTTLRequest.read(r));
    case OpCode.delete:
      return { type, record: DeleteRequest.read(r) };
    case OpCode.setData:
      return { type, record: SetDataRequest.read(r) };
    case OpCode.check:
      return { type, record: CheckVersionRequest.read(r) };
    case OpCode.getData:
      return { type, record: GetDataRequest.read(r) };
    case OpCode.getChildren:
      return { type, record: GetChildrenRequest.read(r) };
    default:
      throw new ProtocolError('UNKNOWN_OP', at, `operation ${type} in a multi`);
  }
}

/** Refuses a null ACL for the whole request, where a create on its own is answered INVALIDACL: as Apache does. */
function createOp(type: PlainCreateType, record: CreateRequest, at: number): MultiOp {
  if (record.acl === null) throw new ProtocolError('MISSING', at, `the ACL of operation ${type}`);
  if (!isCreateMode(record.flags) || isTtl(record.flags)) {
    throw new ProtocolError('BAD_MODE', at, `flags ${record.flags} of operation ${type}`);
  }
  return { type: isContainer(record.flags) ? OpCode.createContainer : type, record };
}

/** Flags that are no mode pass here, as in Apache, and are refused as this one operation's BADARGUMENTS. */
function createTtlOp(record: CreateTTLRequest): MultiOp {
  if (isTtl(record.flags)) return { type: OpCode.createTTL, record };
  const type = record.flags === CreateMode.CONTAINER ? OpCode.createContainer : OpCode.create;
  return { type, record: new CreateRequest(record.path, record.data, record.acl, record.flags) };
}

type PlainCreateType = typeof OpCode.create | typeof OpCode.create2 | typeof OpCode.createContainer;

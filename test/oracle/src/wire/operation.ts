import { JuteWriter } from '@corral/jute';

/**
 * One request, written down. Any field may hold what no client library would send. Text is sent as UTF-8;
 * null is the length -1.
 */
export type Operation =
  | {
      readonly op: 'create' | 'create2' | 'createContainer';
      readonly path: Text;
      readonly data: Text;
      readonly acl: Acl;
      readonly flags: number;
    }
  | {
      readonly op: 'createTTL';
      readonly path: Text;
      readonly data: Text;
      readonly acl: Acl;
      readonly flags: number;
      readonly ttl: number;
    }
  | { readonly op: 'delete' | 'check'; readonly path: Text; readonly version: number }
  | {
      readonly op: 'exists' | 'getData' | 'getChildren' | 'getChildren2';
      readonly path: Text;
      readonly watch: boolean;
    }
  | { readonly op: 'setData'; readonly path: Text; readonly data: Text; readonly version: number }
  | { readonly op: 'setACL'; readonly path: Text; readonly acl: Acl; readonly version: number }
  | {
      readonly op: 'deleteContainer' | 'getACL' | 'sync' | 'getAllChildrenNumber' | 'getEphemerals';
      readonly path: Text;
    }
  | { readonly op: 'multi' | 'multiRead'; readonly ops: readonly Operation[] }
  | {
      readonly op: 'reconfig';
      readonly joining: Text;
      readonly leaving: Text;
      readonly members: Text;
      readonly version: number;
    }
  | { readonly op: 'checkWatches' | 'removeWatches'; readonly path: Text; readonly type: number }
  | { readonly op: 'addWatch'; readonly path: Text; readonly mode: number }
  | {
      readonly op: 'setWatches';
      readonly since: Since;
      readonly data: Texts;
      readonly exist: Texts;
      readonly child: Texts;
    }
  | {
      readonly op: 'setWatches2';
      readonly since: Since;
      readonly data: Texts;
      readonly exist: Texts;
      readonly child: Texts;
      readonly persistent: Texts;
      readonly recursive: Texts;
    }
  | { readonly op: 'auth'; readonly scheme: Text; readonly token: Text }
  | { readonly op: 'sasl'; readonly token: Text }
  | { readonly op: 'ping' | 'whoAmI' | 'closeSession' }
  /** Answered, if at all, by a ConnectResponse. */
  | { readonly op: 'createSession' }
  /** A body of any bytes (hex) under any type. */
  | { readonly op: 'raw'; readonly type: number; readonly body: string };

export type Text = string | null;
export type Texts = readonly Text[] | null;
/** `perms scheme id`, or anything odder as a tuple. */
export type Acl = readonly (readonly [perms: number, scheme: Text, id: Text])[] | null;
/** A zxid: so many transactions before the last one that the player has seen. */
export type Since = { readonly before: number };

export const opCodes: Readonly<Record<Exclude<Operation['op'], 'raw'>, number>> = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getACL: 6,
  setACL: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  deleteContainer: 20,
  createTTL: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  createSession: -10,
  closeSession: -11,
};

/** Whatever xid a ping is sent under, its answer carries this one. */
export const pingXid = -2;

/** The xid that client libraries use for it; undefined stands for the next ordinary one. */
export function customaryXid(operation: Operation): number | undefined {
  if (operation.op === 'ping') return pingXid;
  if (operation.op === 'auth') return -4;
  if (operation.op === 'setWatches' || operation.op === 'setWatches2') return -8;
  return undefined;
}

/** The whole frame, length included. */
export function encodeFrame(xid: number, operation: Operation, lastZxid: number): Uint8Array {
  const out = new JuteWriter();
  const length = out.reserveInt();
  out.writeInt(xid);
  out.writeInt(typeOf(operation));
  writeBody(out, operation, lastZxid);
  out.patchLength(length);
  return out.copy();
}

export function typeOf(operation: Operation): number {
  return operation.op === 'raw' ? operation.type : opCodes[operation.op];
}

function writeBody(out: JuteWriter, request: Operation, lastZxid: number): void {
  switch (request.op) {
    case 'create':
    case 'create2':
    case 'createContainer':
      return writeCreate(out, request);
    case 'createTTL':
      writeCreate(out, request);
      return out.writeLong(BigInt(request.ttl));
    case 'delete':
    case 'check':
      out.writeString(request.path);
      return out.writeInt(request.version);
    case 'exists':
    case 'getData':
    case 'getChildren':
    case 'getChildren2':
      out.writeString(request.path);
      return out.writeBool(request.watch);
    case 'setData':
      out.writeString(request.path);
      out.writeString(request.data);
      return out.writeInt(request.version);
    case 'setACL':
      out.writeString(request.path);
      writeAcl(out, request.acl);
      return out.writeInt(request.version);
    case 'deleteContainer':
    case 'getACL':
    case 'sync':
    case 'getAllChildrenNumber':
    case 'getEphemerals':
      return out.writeString(request.path);
    case 'multi':
    case 'multiRead':
      for (const part of request.ops) {
        writeMultiHeader(out, typeOf(part), false);
        writeBody(out, part, lastZxid);
      }
      return writeMultiHeader(out, -1, true);
    case 'reconfig':
      out.writeString(request.joining);
      out.writeString(request.leaving);
      out.writeString(request.members);
      return out.writeLong(BigInt(request.version));
    case 'checkWatches':
    case 'removeWatches':
      out.writeString(request.path);
      return out.writeInt(request.type);
    case 'addWatch':
      out.writeString(request.path);
      return out.writeInt(request.mode);
    case 'setWatches':
    case 'setWatches2':
      out.writeLongNumber(Math.max(0, lastZxid - request.since.before));
      out.writeStrings(request.data);
      out.writeStrings(request.exist);
      out.writeStrings(request.child);
      if (request.op === 'setWatches') return;
      out.writeStrings(request.persistent);
      return out.writeStrings(request.recursive);
    case 'auth':
      out.writeInt(0);
      out.writeString(request.scheme);
      return out.writeString(request.token);
    case 'sasl':
      return out.writeString(request.token);
    case 'ping':
    case 'whoAmI':
    case 'closeSession':
      return;
    case 'createSession':
      return out.writeInt(30_000);
    case 'raw':
      return out.writeRaw(Uint8Array.fromHex(request.body));
  }
}

function writeCreate(out: JuteWriter, request: { path: Text; data: Text; acl: Acl; flags: number }): void {
  out.writeString(request.path);
  out.writeString(request.data);
  writeAcl(out, request.acl);
  out.writeInt(request.flags);
}

function writeAcl(out: JuteWriter, acl: Acl): void {
  if (acl === null) return out.writeInt(-1);
  out.writeInt(acl.length);
  for (const [perms, scheme, id] of acl) {
    out.writeInt(perms);
    out.writeString(scheme);
    out.writeString(id);
  }
}

function writeMultiHeader(out: JuteWriter, type: number, done: boolean): void {
  out.writeInt(type);
  out.writeBool(done);
  out.writeInt(-1);
}

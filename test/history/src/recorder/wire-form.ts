import type { Operation as WireOperation } from '@corral-test/oracle';
import { JuteReader } from '@corral/jute';
import {
  Create2Response,
  ErrorCode,
  ExistsResponse,
  GetACLResponse,
  GetAllChildrenNumberResponse,
  GetChildren2Response,
  GetDataResponse,
  GetEphemeralsResponse,
  type MultiResult,
  OpCode,
  readMultiResponse,
  SetACLResponse,
  SetDataResponse,
} from '@corral/protocol';
import type { AclRecord, OperationResult, WriteOperation } from '@corral/testing';
import { createHash } from 'node:crypto';
import type { Request } from '../workload.ts';

export interface WireReply {
  readonly zxid: number;
  readonly error: number;
  readonly result: OperationResult;
}

/** The request as it is sent. */
export function wireForm(request: Request): WireOperation {
  switch (request.op) {
    case 'create':
    case 'delete':
    case 'setData':
    case 'check':
      return wireWrite(request);
    case 'multi':
      return { op: 'multi', ops: request.operations.map((operation) => wireWrite(operation)) };
    case 'multiRead':
      return { op: 'multiRead', ops: request.operations.map(({ op, path }) => ({ op, path, watch: false })) };
    case 'getChildren':
      return { op: 'getChildren2', path: request.path, watch: request.watch };
    case 'setACL':
      return { op: 'setACL', path: request.path, acl: wireAcl(request.acl), version: request.version };
    case 'setWatches': {
      const { data, exist, child, persistent, recursive } = request;
      const lists = { since: { before: 0 }, data, exist, child };
      if (persistent.length + recursive.length === 0) return { op: 'setWatches', ...lists };
      return { op: 'setWatches2', ...lists, persistent, recursive };
    }
    case 'auth':
      return { op: 'auth', scheme: request.scheme, token: TOKENS.get(request.identity)! };
    case 'reconfig':
      throw new TypeError('these clients do not reconfigure');
    default:
      return request;
  }
}

/** An identity of the scheme `digest`, with the secret that proves it kept here. */
export function digestIdentity(user: string): string {
  const token = `${user}:secret of ${user}`;
  const identity = `${user}:${createHash('sha1').update(token).digest('base64')}`;
  TOKENS.set(identity, token);
  return identity;
}

export function readReply(request: Request, frame: Uint8Array): WireReply {
  const r = new JuteReader(frame);
  r.readInt();
  const zxid = r.readLongNumber();
  const error = r.readInt();
  return {
    zxid,
    error,
    result: r.remaining === 0 || (error !== 0 && request.op !== 'multi') ? {} : readResult(request, r),
  };
}

function readResult(request: Request, r: JuteReader): OperationResult {
  switch (request.op) {
    case 'create': {
      const { path, stat } = Create2Response.read(r);
      return { path: path!, stat };
    }
    case 'setData':
      return { stat: SetDataResponse.read(r).stat };
    case 'setACL':
      return { stat: SetACLResponse.read(r).stat };
    case 'exists':
      return { stat: ExistsResponse.read(r).stat };
    case 'getData': {
      const { data, stat } = GetDataResponse.read(r);
      return { value: textOf(data), stat };
    }
    case 'getChildren': {
      const { children, stat } = GetChildren2Response.read(r);
      return { children: names(children), stat };
    }
    case 'getACL': {
      const { acl, stat } = GetACLResponse.read(r);
      return { acl: (acl ?? []).map(({ perms, scheme, id }) => ({ perms, scheme: scheme!, id: id! })), stat };
    }
    case 'getEphemerals':
      return { children: names(GetEphemeralsResponse.read(r).ephemerals) };
    case 'getAllChildrenNumber':
      return { count: GetAllChildrenNumberResponse.read(r).totalNumber };
    case 'multi':
    case 'multiRead':
      return { results: readMultiResponse(r, request.operations.length).map((result) => partResult(result)) };
    default:
      return {};
  }
}

function partResult(result: MultiResult): OperationResult & { readonly error: number } {
  const error = ErrorCode.OK;
  switch (result.type) {
    case OpCode.create:
      return { error, path: result.record.path! };
    case OpCode.create2:
      return { error, path: result.record.path!, stat: result.record.stat };
    case OpCode.setData:
      return { error, stat: result.record.stat };
    case OpCode.getData:
      return { error, value: textOf(result.record.data), stat: result.record.stat };
    case OpCode.getChildren:
      return { error, children: names(result.record.children) };
    case OpCode.error:
      return { error: result.record.err };
    default:
      return { error };
  }
}

function wireWrite(write: WriteOperation): WireOperation {
  switch (write.op) {
    case 'create':
      return {
        op: 'create2',
        path: write.path,
        data: write.value,
        acl: wireAcl(write.acl ?? OPEN),
        flags: write.mode,
      };
    case 'setData':
      return { op: 'setData', path: write.path, data: write.value, version: write.version };
    default:
      return write;
  }
}

function wireAcl(acl: readonly AclRecord[]): (readonly [number, string, string])[] {
  return acl.map(({ perms, scheme, id }) => [perms, scheme, id] as const);
}

function textOf(data: Uint8Array | null): string {
  return new TextDecoder().decode(data ?? new Uint8Array(0));
}

function names(list: readonly (string | null)[] | null): string[] {
  return (list ?? []).map((name) => name!);
}

const OPEN: readonly AclRecord[] = [{ perms: 31, scheme: 'world', id: 'anyone' }];
const TOKENS = new Map<string, string>();

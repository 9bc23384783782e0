import type { Step } from '../play/step.ts';
import type { ServerOptions } from '../servers/server-process.ts';
import type { Acl, Operation, Text } from '../wire/operation.ts';

/** One corner of the protocol, as data: a script, and whether Corral answers as Apache 3.9 does. */
export interface Case {
  /** A sentence of the specification. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** Where Corral differs on purpose: why. Each is a row of docs/DIVERGENCE.md. */
  readonly differs?: string;
  /** Where it differs: what its answers must match. */
  readonly ours?: RegExp;
  /** Where Apache 3.8 answered otherwise than 3.9. */
  readonly in38?: string;
  /** Apache does not survive it, or not its directory: only Corral is run, and its directory must load again. */
  readonly killsApache?: string;
  readonly server?: ServerOptions;
  /** It needs a server that nobody has used before. */
  readonly fresh?: true;
}

export const open: Acl = [[31, 'world', 'anyone']];

export function create(path: Text, data: Text = '', flags = 0, acl: Acl = open): Operation {
  return { op: 'create', path, data, acl, flags };
}

export function create2(path: Text, data: Text = '', flags = 0, acl: Acl = open): Operation {
  return { op: 'create2', path, data, acl, flags };
}

export function container(path: Text, data: Text = '', flags = 4): Operation {
  return { op: 'createContainer', path, data, acl: open, flags };
}

export function ttl(path: Text, ms: number, flags = 5): Operation {
  return { op: 'createTTL', path, data: '', acl: open, flags, ttl: ms };
}

export function remove(path: Text, version = -1): Operation {
  return { op: 'delete', path, version };
}

export function set(path: Text, data: Text = '', version = -1): Operation {
  return { op: 'setData', path, data, version };
}

export function check(path: Text, version = -1): Operation {
  return { op: 'check', path, version };
}

export function exists(path: Text, watch = false): Operation {
  return { op: 'exists', path, watch };
}

export function get(path: Text, watch = false): Operation {
  return { op: 'getData', path, watch };
}

export function children(path: Text, watch = false): Operation {
  return { op: 'getChildren', path, watch };
}

export function children2(path: Text, watch = false): Operation {
  return { op: 'getChildren2', path, watch };
}

export function getAcl(path: Text): Operation {
  return { op: 'getACL', path };
}

export function setAcl(path: Text, acl: Acl, version = -1): Operation {
  return { op: 'setACL', path, acl, version };
}

export function multi(...ops: readonly Operation[]): Operation {
  return { op: 'multi', ops };
}

export function multiRead(...ops: readonly Operation[]): Operation {
  return { op: 'multiRead', ops };
}

export function addWatch(path: Text, mode: number): Operation {
  return { op: 'addWatch', path, mode };
}

export function auth(token: Text, scheme: Text = 'digest'): Operation {
  return { op: 'auth', scheme, token };
}

/** @param fields of the body, in hex */
export function raw(type: number, ...fields: readonly string[]): Operation {
  return { op: 'raw', type, body: fields.join('') };
}

export const ping: Operation = { op: 'ping' };
export const closeSession: Operation = { op: 'closeSession' };
export const whoAmI: Operation = { op: 'whoAmI' };

/** One connection with a session, one request after the other. */
export function alone(...ops: readonly Operation[]): Step[] {
  return [{ do: 'connect', conn: 0 }, ...on(0, ...ops)];
}

/** Each in a write of its own, waiting for the answer. */
export function on(conn: number, ...ops: readonly Operation[]): Step[] {
  return ops.map((op) => ({ do: 'send', conn, ops: [op] }));
}

/** All in one write. */
export function burst(conn: number, ...ops: readonly Operation[]): Step {
  return { do: 'send', conn, ops };
}

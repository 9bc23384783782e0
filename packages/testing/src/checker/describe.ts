import { errorName, zxidToHex, type Zxid } from '@corral/protocol';
import type { HistoryRecord, RequestRecord } from '../history.ts';

/** A record, as a sentence names it: `#12 setData /a (session 0x1, zxid 7)`. */
export function describe(record: HistoryRecord): string {
  switch (record.kind) {
    case 'request':
      return `#${record.arrival} ${describeRequest(record)}`;
    case 'event':
      return `#${record.arrival} event ${eventName(record.type)} ${record.path} (connection ${record.connection}${
        record.zxid > 0 ? `, zxid ${hex(record.zxid)}` : ''
      })`;
    case 'connected':
      return `#${record.arrival} session ${sessionName(record.session)} on connection ${record.connection} with ${record.server}`;
    default:
      return `#${record.arrival} the end of connection ${record.connection}`;
  }
}

export function hex(zxid: number): string {
  return zxid < 0 || Number.isNaN(zxid) ? String(zxid) : zxidToHex(zxid as Zxid);
}

export function sessionName(session: bigint): string {
  return `0x${BigInt.asUintN(64, session).toString(16)}`;
}

export function errorText(code: number): string {
  return code === 0 ? 'OK' : `${errorName(code)} (${code})`;
}

export function eventName(type: number): string {
  return EVENT_NAMES[type] ?? `type ${type}`;
}

function describeRequest({ operation, session, outcome, error, zxid }: RequestRecord): string {
  const path = 'path' in operation ? ` ${operation.path}` : '';
  const end =
    outcome === 'unknown' ? 'unanswered' : `zxid ${hex(zxid)}${error === 0 ? '' : `, ${errorText(error)}`}`;
  return `${operation.op}${path} (session ${sessionName(session)}, ${end})`;
}

const EVENT_NAMES: Readonly<Record<number, string>> = {
  1: 'NodeCreated',
  2: 'NodeDeleted',
  3: 'NodeDataChanged',
  4: 'NodeChildrenChanged',
};

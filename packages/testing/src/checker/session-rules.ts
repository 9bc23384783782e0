import type { RequestRecord } from '../history.ts';
import { describe, hex, sessionName } from './describe.ts';
import { isTooEarly } from './explanations.ts';
import type { Connection, HistoryIndex, Session } from './history-index.ts';
import { isWrite } from './history-index.ts';
import type { Violations } from './violation.ts';

/** Replies in order, zxids that never go back, and the life of sessions (D2, D3, D7). */
export function checkSessions(index: HistoryIndex, violations: Violations, slackMs: number): void {
  for (const connection of index.connections.values()) checkConnection(connection, violations);
  for (const session of index.sessions.values()) checkLife(session, violations, slackMs);
}

function checkConnection({ connected, arrived }: Connection, violations: Violations): void {
  let lastXid: RequestRecord | undefined;
  let passedOver: RequestRecord | undefined;
  let newest: RequestRecord | undefined;
  for (const record of arrived) {
    if (record.kind !== 'request') continue;
    if (record.xid > 0) {
      const other = record.outcome === 'unknown' ? lastXid : (passedOver ?? lastXid);
      if (other !== undefined && (other === passedOver || record.xid <= other.xid)) {
        const text = `replies are not in the order of requests: ${describe(other)} (xid ${other.xid}), then ${describe(record)} (xid ${record.xid})`;
        violations.add('reply-order', text, record, other);
      }
      if (record.outcome === 'unknown') passedOver = record;
      else lastXid = record;
    }
    if (record.outcome === 'unknown' || record.zxid <= 0) continue;
    if (newest === undefined && record.zxid < connected.lastZxidSeen) {
      const text = `${describe(record)} shows an older state than its client had said to have seen when it came (${hex(connected.lastZxidSeen)})`;
      violations.add('session-zxid', text, record, connected);
    }
    if (newest !== undefined && record.zxid < newest.zxid) {
      const rule =
        isWrite(newest) && newest.error === 0 && !isWrite(record) ? 'read-your-writes' : 'session-zxid';
      violations.add(
        rule,
        `${describe(record)} shows an older state than ${describe(newest)} before it`,
        record,
        newest,
      );
    } else newest = record;
  }
}

function checkLife(session: Session, violations: Violations, slackMs: number): void {
  const { connects, closed, expired, requests, id } = session;
  const name = sessionName(id);
  for (const [i, connected] of connects.entries()) {
    if (i > 0 && connected.isNew) {
      const text = `${describe(connected)} is said to be new, and ${describe(connects[i - 1]!)} had its id`;
      violations.add('session', text, connected, connects[i - 1]);
    }
    for (const end of [closed, expired]) {
      if (end === undefined || connected.invokedAt <= end.returnedAt) continue;
      violations.add(
        'session',
        `${describe(connected)} goes on with a session that ended with ${describe(end)}`,
        connected,
        end,
      );
    }
  }
  for (const request of requests) {
    if (request.outcome !== 'ok') continue;
    for (const end of [closed, expired]) {
      if (end === undefined || request === end || request.invokedAt <= end.returnedAt) continue;
      violations.add(
        'session',
        `${describe(request)} was answered after session ${name} ended with ${describe(end)}`,
        request,
        end,
      );
    }
    if (connects.length > 1 && isWrite(request)) checkOwner(session, request, violations);
  }
  if (expired === undefined) return;
  const early = isTooEarly(session, expired.returnedAt, slackMs);
  if (early !== undefined) {
    violations.add('expiry', `${describe(expired)} says that session ${name} has expired, ${early}`, expired);
  }
}

/** Once a session has moved, nothing is written for it from where it was before (SESSIONMOVED). */
function checkOwner({ connects }: Session, write: RequestRecord, violations: Violations): void {
  const newer = connects.find(
    (connected) => connected.connection > write.connection && connected.returnedAt < write.invokedAt,
  );
  if (newer === undefined) return;
  const text = `${describe(write)} was done for connection ${write.connection}, after the session had moved: ${describe(newer)}`;
  violations.add('one-owner', text, write, newer);
}

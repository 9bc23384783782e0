import { CreateMode, ErrorCode } from '@corral/protocol';
import type { HistoryRecord, RequestRecord } from '@corral/testing';

/** Of the client that looks on. */
export const onlooker = { client: 1, connection: 2, session: 8n } as const;

/** A history of a client and of one that looks on: each request by what matters of it, from zxid 2 and xid 1 on. */
export function history(...requests: Partial<RequestRecord>[]): HistoryRecord[] {
  const base = { client: 0, connection: 1, session: 7n };
  const times = { invokedAt: 0, returnedAt: 1 };
  const connected = {
    kind: 'connected',
    server: 'a',
    isNew: true,
    timeoutMs: 10_000,
    lastZxidSeen: 0,
  } as const;
  return [
    { ...base, ...times, ...connected, arrival: -1 },
    { ...onlooker, ...times, ...connected, arrival: 0 },
    ...requests.map((request, i) => ({
      ...base,
      ...times,
      kind: 'request' as const,
      arrival: i + 1,
      xid: i + 1,
      operation: { op: 'create', path: '/a', value: 'a', mode: CreateMode.PERSISTENT } as const,
      outcome: request.error === undefined ? ('ok' as const) : ('error' as const),
      zxid: i + 2,
      error: ErrorCode.OK,
      result: undefined,
      ...request,
    })),
  ];
}

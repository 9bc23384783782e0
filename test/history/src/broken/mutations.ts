import { ErrorCode } from '@corral/protocol';
import type { EventRecord, HistoryRecord, RequestRecord } from '@corral/testing';
import { type Mutation, numbered, onEvent, onRequest, type RequestOf, withStat } from './mutation.ts';

const READS = ['getData', 'exists', 'getChildren'] as const;
const WRITES = ['create', 'delete', 'setData', 'multi'] as const;

/** Whether nothing of unknown outcome has been asked of this path, so that nothing explains what is broken there. */
function isPlain(path: string, history: readonly HistoryRecord[]): boolean {
  const parent = path.slice(0, path.lastIndexOf('/'));
  return !history.some(
    (record) =>
      record.kind === 'request' &&
      record.outcome === 'unknown' &&
      [path, parent].some((p) => JSON.stringify(record.operation).includes(`"${p}`)),
  );
}

function isOk(record: HistoryRecord): record is RequestRecord {
  return record.kind === 'request' && record.outcome === 'ok';
}

function answered(record: HistoryRecord): record is RequestRecord {
  return record.kind === 'request' && record.outcome !== 'unknown' && record.zxid > 0;
}

function pathOf(record: HistoryRecord): string | undefined {
  if (record.kind !== 'request' || !('path' in record.operation)) return undefined;
  return record.operation.op === 'create' ? record.result?.path : record.operation.path;
}

/** A Stat of the path that was seen before, of this owner's kind. */
function seenBefore(
  path: string,
  before: readonly HistoryRecord[],
  isEphemeral: boolean,
): RequestRecord | undefined {
  return before.findLast(
    (record): record is RequestRecord =>
      isOk(record) &&
      pathOf(record) === path &&
      record.result?.stat !== undefined &&
      (record.result.stat.ephemeralOwner !== 0n) === isEphemeral,
  );
}

/** How the node that was last at this path ended. */
function lastEnd(path: string, before: readonly HistoryRecord[], zxid: number): RequestRecord | undefined {
  return before
    .filter(isOk)
    .filter(
      (record) =>
        record.zxid <= zxid &&
        ((record.operation.op === 'delete' && record.operation.path === path) ||
          record.operation.op === 'closeSession'),
    )
    .toSorted((a, b) => a.zxid - b.zxid)
    .at(-1);
}

function on(record: { readonly connection: number }, history: readonly HistoryRecord[]): HistoryRecord[] {
  return history.filter((other) => other.connection === record.connection);
}

function nextReply(place: number, history: readonly HistoryRecord[]): number {
  const { connection } = history[place]!;
  return history.findIndex((record, i) => i > place && record.connection === connection && answered(record));
}

function hasOneShot(event: EventRecord, place: number, history: readonly HistoryRecord[]): boolean {
  const earlier = on(event, history.slice(0, place));
  const kind = event.type === 4 ? ['getChildren'] : ['getData', 'exists'];
  const set = earlier.findLastIndex(
    (record) =>
      record.kind === 'request' &&
      'watch' in record.operation &&
      record.operation.watch &&
      kind.includes(record.operation.op) &&
      record.operation.path === event.path,
  );
  return (
    set >= 0 && !earlier.some((record) => record.kind === 'request' && WATCHING.has(record.operation.op))
  );
}

function isPersistent(
  event: EventRecord,
  place: number,
  history: readonly HistoryRecord[],
  mode: number,
): boolean {
  const earlier = on(event, history.slice(0, place));
  return (
    earlier.some(
      (record) =>
        isOk(record) &&
        record.operation.op === 'addWatch' &&
        record.operation.mode === mode &&
        (mode === 1 ? event.path.startsWith(record.operation.path) : record.operation.path === event.path),
    ) &&
    !earlier.some(
      (record) =>
        record.kind === 'request' &&
        (('watch' in record.operation && record.operation.watch) ||
          record.operation.op === 'removeWatches') &&
        record.operation.path === event.path,
    )
  );
}

const WATCHING: ReadonlySet<string> = new Set(['addWatch', 'setWatches', 'removeWatches']);

export const mutations: readonly Mutation[] = [
  // The order of writes
  onRequest(
    'two writes have one zxid',
    'write-order',
    WRITES,
    (write, before) =>
      before.some(
        (record) => answered(record) && record.operation.op === 'setData' && record.zxid < write.zxid,
      ),
    (_, before) => ({
      zxid: before.filter(answered).findLast(({ operation }) => operation.op === 'setData')!.zxid,
    }),
  ),
  onRequest(
    'a write is answered before another is sent that has a smaller zxid',
    'real-time',
    ['setData'],
    (_, before) => before.length > 100,
    () => ({ invokedAt: -10, returnedAt: -9 }),
  ),
  // Replies
  onRequest(
    'a reply overtakes another',
    'reply-order',
    READS,
    ({ connection, xid }, before) =>
      before.some(
        (record) =>
          record.connection === connection &&
          record.kind === 'request' &&
          record.xid > 1 &&
          record.xid < xid &&
          record.outcome !== 'unknown',
      ),
    () => ({ xid: 1 }),
  ),
  onRequest(
    'a request is passed over',
    'reply-order',
    READS,
    (request, _, history) =>
      on(request, history).some((record) => answered(record) && record.xid > request.xid),
    () => ({ outcome: 'unknown', zxid: 0, result: undefined }),
  ),
  onRequest(
    'a reply goes back behind the one before',
    'session-zxid',
    ['ping'],
    (ping, before) => {
      const last = on(ping, before).findLast(answered);
      return last !== undefined && READS.some((op) => op === last.operation.op) && last.zxid > 20;
    },
    (ping) => ({ zxid: ping.zxid - 15 }),
  ),
  onRequest(
    'a client does not see that it has written',
    'read-your-writes',
    ['ping', 'sync'],
    (read, before) => {
      const last = on(read, before).findLast(answered);
      return last?.operation.op === 'setData' && last.error === 0 && last.zxid > 20;
    },
    (read) => ({ zxid: read.zxid - 15 }),
  ),
  {
    name: 'a server behind its client lets it in',
    rule: 'session-zxid',
    places: (history) =>
      history.flatMap((record, i) =>
        record.kind === 'connected' && on(record, history).some(answered) ? [i] : [],
      ),
    breakAt: (history, place) =>
      history.with(place, { ...history[place]!, lastZxidSeen: 1e6 } as HistoryRecord),
  },
  // Reads
  onRequest(
    'a read shows the value before the last',
    'lost-write',
    ['getData'],
    (read, before, history) =>
      read.error === 0 &&
      read.result.stat!.mzxid > read.result.stat!.czxid &&
      isPlain(read.operation.path, history) &&
      !on(read, before).some(
        (record) => record.kind === 'request' && record.zxid === read.result.stat!.mzxid,
      ),
    (read) => ({
      result: {
        value: 'older',
        stat: {
          ...read.result.stat!,
          version: read.result.stat!.version - 1,
          mzxid: read.result.stat!.czxid,
        },
      },
    }),
  ),
  onRequest(
    'a read shows a value that nobody wrote',
    'read-state',
    ['getData'],
    ({ error }) => error === 0,
    ({ result }) => ({ result: { ...result, value: 'x'.repeat(result.value!.length) } }),
  ),
  onRequest(
    'a read shows a change that nobody made',
    'exactly-once',
    READS,
    (read, _, history) => read.result.stat !== undefined && isPlain(read.operation.path, history),
    (read) => withStat(read, () => ({ mzxid: 2 ** 33 })),
  ),
  onRequest(
    'a node that was made is not there',
    'lost-write',
    READS,
    (read, before, history) =>
      read.error === 0 &&
      read.result.stat!.ephemeralOwner === 0n &&
      isPlain(read.operation.path, history) &&
      !on(read, before).some(
        (record) =>
          record.kind === 'request' &&
          record.session === read.session &&
          (record.zxid === read.result.stat!.mzxid || record.zxid === read.result.stat!.czxid),
      ),
    () => ({ outcome: 'error', error: ErrorCode.NONODE, result: {} }),
  ),
  onRequest(
    'a node that was deleted is there again',
    'lost-write',
    ['exists'],
    (read, before, history) => {
      const { path } = read.operation;
      const end = lastEnd(path, before, read.zxid);
      return (
        read.error === ErrorCode.NONODE &&
        end?.operation.op === 'delete' &&
        end.session !== read.session &&
        isPlain(path, history) &&
        seenBefore(path, before, false) !== undefined
      );
    },
    (read, before) => ({
      outcome: 'ok',
      error: 0,
      result: { stat: seenBefore(read.operation.path, before, false)!.result!.stat! },
    }),
  ),
  onRequest(
    'a node is there that nobody made',
    'exactly-once',
    ['exists'],
    (read, before, history) =>
      read.error === ErrorCode.NONODE &&
      before.some((record) => isOk(record) && record.result?.stat !== undefined) &&
      isPlain(read.operation.path, history) &&
      !before.some((record) =>
        JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value)).includes(
          `"op":"create","path":"${read.operation.path}"`,
        ),
      ),
    (_, before) => ({
      outcome: 'ok',
      error: 0,
      result: {
        stat: {
          ...before.filter(isOk).findLast(({ result }) => result?.stat !== undefined)!.result!.stat!,
          czxid: 2 ** 33,
        },
      },
    }),
  ),
  onRequest(
    'a child that was made is not listed',
    'lost-write',
    ['getChildren'],
    (read, before, history) =>
      read.error === 0 &&
      read.result.children!.some((name) => {
        const made = seenBefore(`${read.operation.path}/${name}`, before, false);
        return (
          made !== undefined &&
          !history.some(
            (record) =>
              record.kind === 'request' && record.session === read.session && pathOf(record) === pathOf(made),
          )
        );
      }),
    (read, before, history) => ({
      result: {
        ...read.result,
        children: read.result.children!.filter((name) => {
          const made = seenBefore(`${read.operation.path}/${name}`, before, false);
          return (
            made === undefined ||
            history.some(
              (record) =>
                record.kind === 'request' &&
                record.session === read.session &&
                pathOf(record) === pathOf(made),
            )
          );
        }),
      },
    }),
  ),
  onRequest(
    'a child is listed that nobody made',
    'exactly-once',
    ['getChildren'],
    ({ error }) => error === 0,
    ({ result }) => ({ result: { ...result, children: [...result.children!, 'nobody'] } }),
  ),
  onRequest(
    'a child is listed twice',
    'read-state',
    ['getChildren'],
    ({ error, result }) => error === 0 && result.children!.length > 0,
    ({ result }) => ({ result: { ...result, children: [...result.children!, result.children![0]!] } }),
  ),
  onRequest(
    'descendants are counted wrongly',
    'read-state',
    ['getAllChildrenNumber'],
    ({ error }) => error === 0,
    ({ result }) => ({ result: { count: result.count! + 40 } }),
  ),
  // Stats
  ...(['version', 'aversion', 'numChildren', 'dataLength', 'cversion'] as const).map((field) =>
    onRequest(
      `a Stat shows another ${field}`,
      'stat',
      ['exists', 'getData'],
      (read, _, history) => read.error === 0 && isPlain(read.operation.path, history),
      (read) => withStat(read, (stat) => ({ [field]: stat[field] + 3 })),
    ),
  ),
  onRequest(
    'a Stat shows an older pzxid',
    'stat',
    ['getChildren'],
    ({ error, result, operation }, _, history) =>
      error === 0 && result.stat!.cversion > 1 && isPlain(operation.path, history),
    (read) => withStat(read, (stat) => ({ pzxid: stat.czxid })),
  ),
  onRequest(
    'a node was created at another time than before',
    'stat',
    ['exists', 'getData'],
    (read, before) =>
      read.error === 0 &&
      before.some(
        (record) =>
          isOk(record) &&
          pathOf(record) === read.operation.path &&
          record.result?.stat?.czxid === read.result.stat!.czxid &&
          record.zxid <= read.zxid,
      ),
    (read) => withStat(read, (stat) => ({ ctime: stat.ctime + 1 })),
  ),
  onRequest(
    'a node was changed at another time than before',
    'stat',
    ['exists', 'getData'],
    (read, before) =>
      read.error === 0 &&
      before.some(
        (record) =>
          isOk(record) &&
          pathOf(record) === read.operation.path &&
          record.result?.stat?.mzxid === read.result.stat!.mzxid &&
          record.zxid <= read.zxid,
      ),
    (read) => withStat(read, (stat) => ({ mtime: stat.mtime + 1 })),
  ),
  onRequest(
    'an ephemeral node has another owner',
    'stat',
    ['exists', 'getData'],
    ({ error, result }) => error === 0 && result.stat!.ephemeralOwner !== 0n,
    (read) => withStat(read, () => ({ ephemeralOwner: 5n })),
  ),
  // Writes
  onRequest(
    'a write is applied twice',
    'exactly-once',
    ['setData'],
    ({ error, operation }, _, history) => error === 0 && isPlain(operation.path, history),
    (write) => withStat(write, (stat) => ({ version: stat.version + 1 })),
  ),
  onRequest(
    'a write that was answered is not applied',
    'lost-write',
    ['setData'],
    ({ error, result }) => error === 0 && result.stat!.version > 1,
    (write) => withStat(write, (stat) => ({ version: stat.version - 1 })),
  ),
  onRequest(
    'a write goes well in spite of its version',
    'error-code',
    ['setData', 'delete'],
    ({ error, operation }, _, history) => error === 0 && isPlain(operation.path, history),
    ({ operation }) => ({ operation: { ...operation, version: 77 } }),
  ),
  onRequest(
    'a write is refused for a version that fits',
    'error-code',
    ['setData', 'delete'],
    ({ error, operation }, _, history) => error === ErrorCode.BADVERSION && isPlain(operation.path, history),
    ({ operation }) => ({ operation: { ...operation, version: -1 } }),
  ),
  onRequest(
    'a create is refused for a node that is not there',
    'exactly-once',
    ['create'],
    (write, before, history) =>
      write.error === 0 &&
      write.operation.mode === 0 &&
      isPlain(write.operation.path, history) &&
      !before.some((record) =>
        JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value)).includes(
          `"op":"create","path":"${write.operation.path}"`,
        ),
      ),
    () => ({ outcome: 'error', error: ErrorCode.NODEEXISTS, result: {} }),
  ),
  onRequest(
    'a write does not find a node that is there',
    'lost-write',
    ['setData'],
    (write, before, history) => {
      const made = seenBefore(write.operation.path, before, false);
      return (
        write.error === 0 &&
        write.result.stat!.ephemeralOwner === 0n &&
        made !== undefined &&
        made.session !== write.session &&
        made.result!.stat!.mzxid < write.zxid &&
        isPlain(write.operation.path, history) &&
        !before.some(
          (record) =>
            record.kind === 'request' &&
            record.session === write.session &&
            'path' in record.operation &&
            record.operation.path === write.operation.path,
        ) &&
        !before.some(
          (record) => isOk(record) && record.operation.op === 'multi' && record.session === write.session,
        )
      );
    },
    () => ({ outcome: 'error', error: ErrorCode.NONODE, result: {} }),
  ),
  onRequest(
    'an empty node is refused as not empty',
    'error-code',
    ['delete'],
    ({ error, operation }, _, history) => error === 0 && isPlain(operation.path, history),
    () => ({ outcome: 'error', error: ErrorCode.NOTEMPTY, result: {} }),
  ),
  onRequest(
    'a node with children is deleted',
    'error-code',
    ['delete'],
    ({ error, operation }, _, history) => error === ErrorCode.NOTEMPTY && isPlain(operation.path, history),
    () => ({ outcome: 'ok', error: 0, result: {} }),
  ),
  onRequest(
    'an ephemeral node gets a child',
    'error-code',
    ['create'],
    ({ error, operation }, _, history) =>
      error === ErrorCode.NOCHILDRENFOREPHEMERALS && isPlain(operation.path, history),
    ({ operation }) => ({ outcome: 'ok', error: 0, result: { path: operation.path } }),
  ),
  onRequest(
    'a sequential name is given twice',
    'sequence',
    ['create'],
    ({ error, operation, result }) =>
      error === 0 && operation.mode === 2 && Number(result.path!.slice(-10)) > 5,
    ({ operation, result }) => ({
      result: { path: `${operation.path}${String(Number(result.path!.slice(-10)) - 1).padStart(10, '0')}` },
    }),
  ),
  onRequest(
    'a sequential name leaves out numbers',
    'sequence',
    ['create'],
    ({ error, operation }, before) =>
      error === 0 &&
      operation.mode === 2 &&
      !before.some((record) => record.kind === 'request' && record.outcome === 'unknown'),
    ({ operation, result }) => ({
      result: { path: `${operation.path}${String(Number(result.path!.slice(-10)) + 5).padStart(10, '0')}` },
    }),
  ),
  // Multis
  onRequest(
    'what stands behind the failure of a multi was tried',
    'multi',
    ['multi'],
    ({ result }) => {
      const { results = [] } = result;
      return results.some(({ error }) => error === ErrorCode.RUNTIMEINCONSISTENCY);
    },
    ({ result }) => ({
      result: {
        results: result.results!.map((part) =>
          part.error === ErrorCode.RUNTIMEINCONSISTENCY ? { error: 0 } : part,
        ),
      },
    }),
  ),
  onRequest(
    'a multi goes well in spite of a version',
    'error-code',
    ['multi'],
    ({ error, operation, result }, _, history) =>
      error === 0 &&
      operation.operations.some((part) => part.op !== 'create') &&
      result.results!.every((part) => part.error === 0) &&
      operation.operations.every(({ path }) => isPlain(path, history)),
    ({ operation }) => ({
      operation: {
        op: 'multi',
        operations: operation.operations.map((part) =>
          part.op === 'create' ? part : { ...part, version: 77 },
        ),
      },
    }),
  ),
  onRequest(
    'a multi fails for another reason than there is',
    'error-code',
    ['multi'],
    ({ operation, result }, _, history) => {
      const { results = [] } = result;
      return (
        results.some(({ error }) => error === ErrorCode.BADVERSION) &&
        operation.operations.every(({ path }) => isPlain(path, history))
      );
    },
    ({ result }) => ({
      result: {
        results: result.results!.map((part) =>
          part.error === ErrorCode.BADVERSION ? { error: ErrorCode.NOTEMPTY } : part,
        ),
      },
    }),
  ),
  // Sessions
  onRequest(
    'an ephemeral node is gone while its session lives',
    'ephemeral',
    ['exists', 'getData'],
    (read, _, history) =>
      read.error === 0 &&
      read.result.stat!.ephemeralOwner !== 0n &&
      isPlain(read.operation.path, history) &&
      history.some(
        (record) =>
          answered(record) &&
          record.session === read.result.stat!.ephemeralOwner &&
          record.zxid > read.zxid &&
          record.operation.op !== 'closeSession',
      ),
    () => ({ outcome: 'error', error: ErrorCode.NONODE, result: {} }),
  ),
  onRequest(
    'an ephemeral node outlives its session',
    'ephemeral',
    ['exists', 'getData'],
    (read, before, history) => {
      const { path } = read.operation;
      const seen = seenBefore(path, before, true);
      const end = lastEnd(path, history, read.zxid);
      return (
        read.error === ErrorCode.NONODE &&
        isPlain(path, history) &&
        seen !== undefined &&
        end?.operation.op === 'closeSession' &&
        !history.some(
          (record) =>
            isOk(record) &&
            record.zxid > seen.result!.stat!.czxid &&
            record.zxid <= read.zxid &&
            JSON.stringify(record.operation).includes(`"op":"delete","path":"${path}"`),
        ) &&
        end.session === seen.result!.stat!.ephemeralOwner &&
        !history.some(
          (record) => record.kind === 'disconnected' && record.isExpired && record.session === end.session,
        )
      );
    },
    (read, before) => ({
      outcome: 'ok',
      error: 0,
      result: { stat: seenBefore(read.operation.path, before, true)!.result!.stat! },
    }),
  ),
  onRequest(
    'an ephemeral node of the session is not among its own',
    'ephemeral',
    ['getEphemerals'],
    ({ result }) => result.children!.length > 0,
    () => ({ result: { children: [] } }),
  ),
  {
    name: 'a session expires before its time',
    rule: 'expiry',
    places: (history) =>
      history.flatMap((record, i) =>
        record.kind === 'disconnected' &&
        record.isExpired &&
        !history.some(
          (other) =>
            other.kind === 'request' &&
            other.session === record.session &&
            other.operation.op === 'closeSession',
        )
          ? [i]
          : [],
      ),
    breakAt: (history, place) => {
      const end = history[place]!;
      const last = history.findLast(
        (record) =>
          isOk(record) && record.kind === 'request' && 'session' in end && record.session === end.session,
      )!;
      return history.with(place, { ...end, returnedAt: last.returnedAt + 100 });
    },
  },
  {
    name: 'a session goes on after it was closed',
    rule: 'session',
    places: (history) =>
      history.flatMap((record, i) => (isOk(record) && record.operation.op === 'closeSession' ? [i] : [])),
    breakAt: (history, place) => {
      const close = history[place]! as RequestRecord;
      const connected = history.find(
        (record) => record.kind === 'connected' && record.session === close.session,
      )!;
      return numbered([
        ...history,
        {
          ...connected,
          connection: 99_999,
          isNew: false,
          invokedAt: close.returnedAt + 1,
          returnedAt: close.returnedAt + 2,
        } as HistoryRecord,
      ]);
    },
  },
  {
    name: 'two sessions have one id',
    rule: 'session',
    places: (history) =>
      history.flatMap((record, i) => (record.kind === 'connected' && !record.isNew ? [i] : [])),
    breakAt: (history, place) => history.with(place, { ...history[place]!, isNew: true } as HistoryRecord),
  },
  onRequest(
    'a write is done for a connection whose session has moved',
    'one-owner',
    ['setData', 'create'],
    (write, _, history) =>
      write.error === 0 &&
      history.some(
        (record) =>
          record.kind === 'connected' &&
          record.session === write.session &&
          record.connection < write.connection,
      ),
    (write, _, history) => ({
      connection: history.find((record) => record.kind === 'connected' && record.session === write.session)!
        .connection,
    }),
  ),
  onRequest(
    'a sync shows a state without what was answered',
    'sync',
    ['sync'],
    ({ zxid }, before) => zxid > 50 && before.length > 200,
    () => ({ zxid: 5 }),
  ),
  // ACLs
  onRequest(
    'somebody reads what is not for all',
    'acl',
    ['getData'],
    ({ error }) => error === ErrorCode.NOAUTH,
    ({ operation }, before) => ({
      outcome: 'ok',
      error: 0,
      result: {
        value: 'secret',
        stat: (
          seenBefore(operation.path, before, false) ??
          seenBefore(operation.path, before, true) ??
          before.filter(isOk).findLast(({ result }) => result?.stat !== undefined)!
        ).result!.stat!,
      },
    }),
  ),
  onRequest(
    'somebody may not read what is for all',
    'acl',
    ['getData'],
    ({ error, operation }, before) =>
      error === 0 &&
      !before.some(
        (record) =>
          record.kind === 'request' &&
          /"acl":/.test(JSON.stringify(record.operation)) &&
          JSON.stringify(record.operation).includes(operation.path),
      ),
    () => ({ outcome: 'error', error: ErrorCode.NOAUTH, result: {} }),
  ),
  onRequest(
    'a node has another ACL than was set',
    'acl',
    ['getACL'],
    ({ error }) => error === 0,
    ({ result }) => ({ result: { ...result, acl: [{ perms: 3, scheme: 'ip', id: '::1' }] } }),
  ),
  // Watches
  onEvent(
    'an event comes after a reply that shows what it tells',
    'watch-order',
    (event, place, history) =>
      event.zxid > 0 &&
      nextReply(place, history) > 0 &&
      !history
        .slice(place, nextReply(place, history))
        .some((record, i) => i > 0 && record.connection === event.connection),
    (history, place) => {
      const reply = nextReply(place, history);
      return [
        ...history.slice(0, place),
        ...history.slice(place + 1, reply + 1),
        history[place]!,
        ...history.slice(reply + 1),
      ];
    },
  ),
  onEvent(
    'an event is lost',
    'watch-missed',
    (event, place, history) =>
      event.zxid > 0 && nextReply(place, history) > 0 && hasOneShot(event, place, history),
    (history, place) => history.toSpliced(place, 1),
  ),
  onEvent(
    'a one-shot watch tells twice',
    'watch-event',
    (event, place, history) => event.zxid > 0 && hasOneShot(event, place, history),
    (history, place) => history.toSpliced(place, 0, history[place]!),
  ),
  onEvent(
    'an event comes that nobody waits for',
    'watch-event',
    (event) => event.zxid > 0 && event.path.startsWith('/h/a/'),
    (history, place) => history.with(place, { ...(history[place] as EventRecord), path: '/h/a/other' }),
  ),
  onEvent(
    'two events change places',
    'watch-order',
    (event, place, history) => {
      const next = history.findIndex((record, i) => i > place && record.connection === event.connection);
      const other = history[next];
      return event.zxid > 0 && other?.kind === 'event' && other.zxid > event.zxid;
    },
    (history, place) => {
      const { connection } = history[place]!;
      const next = history.findIndex((record, i) => i > place && record.connection === connection);
      return history.with(place, history[next]!).with(next, history[place]!);
    },
  ),
  onEvent(
    'an event tells of something else',
    'watch-event',
    (event, place, history) => event.zxid > 0 && event.type === 3 && hasOneShot(event, place, history),
    (history, place) => history.with(place, { ...(history[place] as EventRecord), type: 2 }),
  ),
  onEvent(
    'an event has another zxid than what it tells of',
    'watch-event',
    (event, place, history) => event.zxid > 0 && hasOneShot(event, place, history),
    (history, place) =>
      history.with(place, {
        ...(history[place] as EventRecord),
        zxid: (history[place] as EventRecord).zxid + 0.5,
      }),
  ),
  onEvent(
    'a client is not told what it missed',
    'watch-missed',
    (event) => event.zxid === -1,
    (history, place) => history.toSpliced(place, 1),
  ),
  onEvent(
    'a persistent watch leaves out a change',
    'watch-missed',
    (event, place, history) =>
      event.zxid > 0 &&
      nextReply(place, history) > 0 &&
      isPersistent(event, place, history, 0) &&
      history
        .slice(place)
        .some(
          (record) => answered(record) && record.connection === event.connection && record.zxid >= event.zxid,
        ),
    (history, place) => history.toSpliced(place, 1),
  ),
  onEvent(
    'a recursive watch leaves out a change',
    'watch-missed',
    (event, place, history) =>
      event.zxid > 0 && nextReply(place, history) > 0 && isPersistent(event, place, history, 1),
    (history, place) => history.toSpliced(place, 1),
  ),
  onRequest(
    'a watch that nothing triggered is not found',
    'watch-missed',
    ['removeWatches'],
    (request) => request.error === ErrorCode.OK,
    () => ({ outcome: 'error', error: ErrorCode.NOWATCHER }),
  ),
  onRequest(
    'a watch is found where none is set',
    'watch-event',
    ['removeWatches'],
    ({ error }) => error === ErrorCode.NOWATCHER,
    () => ({ outcome: 'ok', error: 0 }),
  ),
  // Writes of unknown outcome
  {
    name: 'a write is seen before it is sent',
    rule: 'exactly-once',
    places: (history) =>
      history.flatMap((record, i) =>
        record.kind === 'request' &&
        record.outcome === 'unknown' &&
        record.operation.op === 'setData' &&
        valueSeen(record.operation.value, history)
          ? [i]
          : [],
      ),
    breakAt: (history, place) =>
      history.with(place, { ...(history[place] as RequestRecord), invokedAt: 1e9 }),
  },
  {
    name: 'a write of unknown outcome happens twice',
    rule: 'exactly-once',
    places: (history) =>
      history.flatMap((record, i) => {
        const operation = record.kind === 'request' ? record.operation : undefined;
        return operation?.op === 'getData' &&
          isOk(record) &&
          history.some(
            (other) =>
              other.kind === 'request' &&
              other.outcome === 'unknown' &&
              other.operation.op === 'setData' &&
              other.operation.value === record.result?.value,
          )
          ? [i]
          : [];
      }),
    breakAt: (history, place) => {
      const read = history[place] as RequestOf<'getData'>;
      const stat = read.result.stat!;
      return numbered(
        history.toSpliced(place + 1, 0, {
          ...read,
          xid: -2,
          zxid: read.zxid + 0.25,
          result: { ...read.result, stat: { ...stat, version: stat.version + 1, mzxid: read.zxid + 0.125 } },
        }),
      );
    },
  },
];

function valueSeen(value: string, history: readonly HistoryRecord[]): boolean {
  return history.some(
    (record) => isOk(record) && record.operation.op === 'getData' && record.result?.value === value,
  );
}

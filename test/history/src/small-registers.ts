import { Dice } from '@corral-test/oracle';
import type { HistoryRecord, OperationResult, RequestRecord, StatRecord } from '@corral/testing';

/**
 * What clients see of one node, in a dozen requests: some writes are unanswered, which have happened at once, later or
 * never. Half of the histories are broken in one place.
 */
export function registerHistory(seed: number): HistoryRecord[] {
  const dice = new Dice(seed);
  const history: HistoryRecord[] = Array.from({ length: CLIENTS }, (_, client) => connected(client));
  const state = { value: 'made', version: 0, mzxid: 1 };
  let zxid = 1;
  const result = (): OperationResult => ({ value: state.value, stat: statOf(state) });
  const write = (value: string, version: number): boolean => {
    zxid++;
    if (version !== -1 && version !== state.version) return false;
    Object.assign(state, { value, version: state.version + 1, mzxid: zxid });
    return true;
  };
  history.push({
    ...requested(0, 1, { op: 'create', path: '/r', value: 'made', mode: 0 }),
    zxid,
    result: { path: '/r' },
  });
  const clients = Array.from({ length: CLIENTS }, (_, i) => i);
  const late: (() => void)[] = [];
  for (let step = 2; step < 14; step++) {
    if (dice.chance(0.3)) late.shift()?.();
    const client = dice.pick(clients);
    if (dice.chance(0.45)) {
      const read = requested(client, step, { op: 'getData', path: '/r', watch: false });
      history.push({ ...read, zxid, result: result() });
      continue;
    }
    const version = dice.chance(0.6) ? -1 : state.version + dice.below(2);
    const value = `v${step}`;
    const asked = requested(client, step, { op: 'setData', path: '/r', value, version });
    if (clients.length > 1 && dice.chance(0.5)) {
      clients.splice(clients.indexOf(client), 1);
      history.push({ ...asked, outcome: 'unknown' });
      if (dice.chance(0.7)) late.push(() => write(value, version));
      if (dice.chance(0.4)) late.shift()?.();
    } else if (write(value, version)) history.push({ ...asked, zxid, result: { stat: statOf(state) } });
    else history.push({ ...asked, zxid, outcome: 'error', error: BADVERSION, result: {} });
  }
  if (dice.chance(0.5)) breakOne(history, dice);
  return history.map((record, arrival) => ({ ...record, arrival }));
}

/** Whether unanswered writes can have been at zxids that nobody else has, so that all answers are right. */
export function isExplicable(history: readonly HistoryRecord[]): boolean {
  const requests = history.filter((record) => record.kind === 'request');
  const unknown = requests.filter(({ outcome }) => outcome === 'unknown');
  const answered = requests.filter(({ outcome }) => outcome !== 'unknown');
  const taken = new Set(answered.filter(isWrite).map(({ zxid }) => zxid));
  const last = Math.max(...answered.map(({ zxid }) => zxid));
  const place = (index: number, places: ReadonlyMap<number, RequestRecord>): boolean => {
    const write = unknown[index];
    if (write === undefined) return isRight(answered, places, last);
    if (place(index + 1, places)) return true;
    const seen = answered.filter(({ returnedAt }) => returnedAt < write.invokedAt);
    const least = Math.max(...seen.map(({ zxid }) => zxid));
    for (let zxid = least + 1; zxid <= last; zxid++) {
      if (!taken.has(zxid) && !places.has(zxid) && place(index + 1, new Map([...places, [zxid, write]])))
        return true;
    }
    return false;
  };
  return place(0, new Map());
}

function isRight(
  answered: readonly RequestRecord[],
  places: ReadonlyMap<number, RequestRecord>,
  last: number,
): boolean {
  const state = { value: '', version: 0, mzxid: 0 };
  const isShown = ({ result }: RequestRecord): boolean =>
    (result?.value === undefined || result.value === state.value) &&
    (result?.stat === undefined ||
      (result.stat.version === state.version && result.stat.mzxid === state.mzxid));
  for (let zxid = 1; zxid <= last; zxid++) {
    const here = answered.filter((record) => record.zxid === zxid);
    const writes = here.filter(isWrite);
    if (writes.length > 1) return false;
    const write = writes[0] ?? places.get(zxid);
    const operation = write?.operation;
    if (operation?.op === 'create') Object.assign(state, { value: operation.value, mzxid: zxid });
    if (operation?.op === 'setData') {
      const isRefused = operation.version !== -1 && operation.version !== state.version;
      if (write!.outcome !== 'unknown' && isRefused !== (write!.error === BADVERSION)) return false;
      if (isRefused && write!.outcome === 'unknown') return false;
      if (!isRefused)
        Object.assign(state, { value: operation.value, version: state.version + 1, mzxid: zxid });
    }
    if (!here.every((record) => record.error !== 0 || isShown(record))) return false;
  }
  return true;
}

/** One answer shows another version, value or zxid of the last write. */
function breakOne(history: HistoryRecord[], dice: Dice): void {
  const places = history.flatMap((record, i) =>
    record.kind === 'request' && record.result?.stat !== undefined ? [i] : [],
  );
  if (places.length === 0) return;
  const place = dice.pick(places);
  const record = history[place] as RequestRecord;
  const stat = record.result!.stat!;
  const change = dice.pick<Partial<StatRecord>>([
    { version: stat.version + 1 },
    { version: stat.version + 2 },
    { version: stat.version - 1 },
    { mzxid: stat.mzxid - 1 },
    { mzxid: stat.mzxid - 2 },
  ]);
  history[place] = { ...record, result: { ...record.result, stat: { ...stat, ...change } } };
}

function connected(client: number): HistoryRecord {
  const base = { client, connection: client, session: BigInt(client + 1), arrival: 0 };
  const times = { timeoutMs: 4000, lastZxidSeen: 0, invokedAt: 0, returnedAt: 0 };
  return { kind: 'connected', ...base, server: 'one', isNew: true, ...times };
}

function requested(client: number, step: number, operation: RequestRecord['operation']): RequestRecord {
  return {
    kind: 'request',
    client,
    connection: client,
    session: BigInt(client + 1),
    arrival: 0,
    xid: step,
    operation,
    invokedAt: step * 10,
    returnedAt: step * 10 + 5,
    outcome: 'ok',
    zxid: 0,
    error: 0,
    result: undefined,
  };
}

function statOf({ value, version, mzxid }: { value: string; version: number; mzxid: number }): StatRecord {
  return {
    czxid: 1,
    mzxid,
    ctime: 1,
    mtime: mzxid,
    version,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: 0n,
    dataLength: value.length,
    numChildren: 0,
    pzxid: 1,
  };
}

function isWrite({ operation }: RequestRecord): boolean {
  return operation.op === 'setData' || operation.op === 'create';
}

const CLIENTS = 6;
const BADVERSION = -103;

import type {
  EventRecord,
  HistoryRecord,
  OperationResult,
  RequestRecord,
  Rule,
  StatRecord,
} from '@corral/testing';

/** One way to break a history. */
export interface Mutation {
  readonly name: string;
  readonly rule: Rule;
  /** All places where it can be done. */
  places(history: readonly HistoryRecord[]): readonly number[];
  /** The history broken at one of them; the records that a violation may name. */
  breakAt(history: readonly HistoryRecord[], place: number): HistoryRecord[];
}

type Op<Name extends string> = Extract<RequestRecord['operation'], { op: Name }>;
export type RequestOf<Name extends string> = RequestRecord & {
  readonly operation: Op<Name>;
  readonly result: OperationResult;
};

/** Changes one answered request of these operations where `when` holds. */
export function onRequest<Name extends RequestRecord['operation']['op']>(
  name: string,
  rule: Rule,
  ops: readonly Name[],
  when: (
    request: RequestOf<Name>,
    before: readonly HistoryRecord[],
    history: readonly HistoryRecord[],
  ) => boolean,
  change: (
    request: RequestOf<Name>,
    before: readonly HistoryRecord[],
    history: readonly HistoryRecord[],
  ) => Partial<RequestRecord>,
): Mutation {
  const isOne = (record: HistoryRecord): record is RequestOf<Name> =>
    record.kind === 'request' &&
    record.outcome !== 'unknown' &&
    (ops as readonly string[]).includes(record.operation.op);
  return {
    name,
    rule,
    places: (history) =>
      history.flatMap((record, i) =>
        isOne(record) && when(record, history.slice(0, i), history) ? [i] : [],
      ),
    breakAt: (history, place) => {
      const record = history[place] as RequestOf<Name>;
      return history.with(place, {
        ...record,
        ...change(record, history.slice(0, place), history),
      });
    },
  };
}

/** Changes or moves one event, or takes it away. */
export function onEvent(
  name: string,
  rule: Rule,
  when: (event: EventRecord, place: number, history: readonly HistoryRecord[]) => boolean,
  breakAt: Mutation['breakAt'],
): Mutation {
  return {
    name,
    rule,
    places: (history) =>
      history.flatMap((record, i) => (record.kind === 'event' && when(record, i, history) ? [i] : [])),
    breakAt: (history, place) => numbered(breakAt(history, place)),
  };
}

export function withStat(
  request: { readonly result: OperationResult },
  change: (stat: StatRecord) => Partial<StatRecord>,
): { result: OperationResult } {
  const stat = request.result.stat!;
  return { result: { ...request.result, stat: { ...stat, ...change(stat) } } };
}

/** Arrival is the order in which they stand. */
export function numbered(history: readonly HistoryRecord[]): HistoryRecord[] {
  return history.map((record, arrival) => ({ ...record, arrival }));
}

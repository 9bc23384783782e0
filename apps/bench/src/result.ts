import type { Latencies } from './latencies.ts';
import type { Options } from './options.ts';

/** The figures of one workload, or of a part of it. */
export interface Result {
  readonly workload: string;
  readonly connections: number;
  readonly depth: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Replies other than OK. */
  readonly errors: number;
  readonly latencies: Latencies;
}

export function resultOf(
  workload: string,
  { connections, depth, bytes }: Options,
  figures: Pick<Result, 'seconds' | 'errors' | 'latencies'>,
): Result {
  return { workload, connections, depth, bytes, ...figures };
}

export function operationsPerSecond({ latencies, seconds }: Result): number {
  return latencies.count / seconds;
}

export const tableHead =
  'workload       connections  depth      ops/s   p50 ms   p90 ms   p99 ms p99.9 ms   max ms   errors\n';

export function tableRow(result: Result): string {
  const { workload, connections, depth, errors, latencies } = result;
  const columns = [
    workload.padEnd(14),
    String(connections).padStart(11),
    String(depth).padStart(6),
    operationsPerSecond(result).toFixed(0).padStart(10),
    ...QUANTILES.map(([, share]) => milliseconds(latencies.quantile(share))),
    milliseconds(latencies.maxUs),
    String(errors).padStart(8),
  ];
  return `${columns.join(' ')}\n`;
}

export function jsonLine(result: Result): string {
  const { workload, connections, depth, bytes, seconds, errors, latencies } = result;
  const quantiles = QUANTILES.map(([name, share]) => [`${name}_us`, latencies.quantile(share)] as const);
  const figures = {
    workload,
    connections,
    depth,
    bytes,
    ops: latencies.count,
    seconds: Number(seconds.toFixed(3)),
    ops_per_s: Math.round(operationsPerSecond(result)),
    ...Object.fromEntries(quantiles),
    max_us: Math.round(latencies.maxUs),
    errors,
  };
  return `${JSON.stringify(figures)}\n`;
}

const QUANTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

export function milliseconds(us: number): string {
  return (us / 1000).toFixed(2).padStart(8);
}

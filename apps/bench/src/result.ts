import type { Latencies } from './latencies.ts';
import type { WorkloadName } from './workload-names.ts';

/** The figures of one workload. */
export interface Result {
  readonly workload: WorkloadName;
  readonly connections: number;
  readonly depth: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Replies other than OK. */
  readonly errors: number;
  readonly latencies: Latencies;
}

export const tableHead =
  'workload   connections  depth      ops/s   p50 ms   p90 ms   p99 ms p99.9 ms   max ms   errors\n';

export function tableRow({ workload, connections, depth, seconds, errors, latencies }: Result): string {
  const columns = [
    workload.padEnd(10),
    String(connections).padStart(11),
    String(depth).padStart(6),
    Math.round(latencies.count / seconds)
      .toString()
      .padStart(10),
    ...QUANTILES.map(([, share]) => milliseconds(latencies.quantile(share))),
    milliseconds(latencies.maxUs),
    String(errors).padStart(8),
  ];
  return `${columns.join(' ')}\n`;
}

export function jsonLine({
  workload,
  connections,
  depth,
  bytes,
  seconds,
  errors,
  latencies,
}: Result): string {
  const quantiles = QUANTILES.map(([name, share]) => [`${name}_us`, latencies.quantile(share)] as const);
  const figures = {
    workload,
    connections,
    depth,
    bytes,
    ops: latencies.count,
    seconds: Number(seconds.toFixed(3)),
    ops_per_s: Math.round(latencies.count / seconds),
    ...Object.fromEntries(quantiles),
    max_us: latencies.maxUs,
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

function milliseconds(us: number): string {
  return (us / 1000).toFixed(2).padStart(8);
}

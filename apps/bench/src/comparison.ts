import { milliseconds, operationsPerSecond, type Result } from './result.ts';
import type { Stage } from './stage.ts';
import type { WorkloadName } from './workload-names.ts';
import { runWorkload } from './workloads.ts';

/** The same workload on two servers, once each per round. */
export class Comparison {
  readonly workload: WorkloadName;
  readonly first: readonly Result[];
  readonly second: readonly Result[];

  constructor(workload: WorkloadName, first: readonly Result[], second: readonly Result[]) {
    this.workload = workload;
    this.first = first;
    this.second = second;
  }

  /** Who begins alternates, so that a machine that slows down favours nobody. */
  static async run(first: Stage, second: Stage, workload: WorkloadName, rounds: number): Promise<Comparison> {
    const results: [Result[], Result[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const turn of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const [result] = await runWorkload(turn === 0 ? first : second, workload);
        results[turn].push(result);
      }
    }
    return new Comparison(workload, ...results);
  }

  /** Operations per second of the second to those of the first, round by round. */
  get ratios(): number[] {
    return this.first.map((result, i) => operationsPerSecond(this.second[i]!) / operationsPerSecond(result));
  }
}

export const comparisonHead =
  'workload        1st ops/s  2nd ops/s  ratio     min..max  1st p99  2nd p99   errors\n';

export function comparisonRow(comparison: Comparison): string {
  const { workload, first, second, ratios } = comparison;
  const range = `${Math.min(...ratios).toFixed(2)}..${Math.max(...ratios).toFixed(2)}`;
  const columns = [
    workload.padEnd(14),
    median(first.map(operationsPerSecond)).toFixed(0).padStart(10),
    median(second.map(operationsPerSecond)).toFixed(0).padStart(10),
    median(ratios).toFixed(2).padStart(6),
    range.padStart(12),
    milliseconds(median(first.map(p99))),
    milliseconds(median(second.map(p99))),
    String(errorsOf(comparison)).padStart(8),
  ];
  return `${columns.join(' ')}\n`;
}

export function comparisonJson(comparison: Comparison): string {
  const { workload, first, second, ratios } = comparison;
  const figures = {
    workload,
    rounds: ratios.length,
    first_ops_per_s: Math.round(median(first.map(operationsPerSecond))),
    second_ops_per_s: Math.round(median(second.map(operationsPerSecond))),
    ratio: Number(median(ratios).toFixed(3)),
    ratios: ratios.map((ratio) => Number(ratio.toFixed(3))),
    first_p99_us: median(first.map(p99)),
    second_p99_us: median(second.map(p99)),
    errors: errorsOf(comparison),
  };
  return `${JSON.stringify(figures)}\n`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function p99({ latencies }: Result): number {
  return latencies.quantile(0.99);
}

function errorsOf({ first, second }: Comparison): number {
  return [...first, ...second].reduce((sum, { errors }) => sum + errors, 0);
}

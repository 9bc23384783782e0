import type { Quota } from '@corral/datatree';
import type { MetricSample } from '@corral/runtime';

/**
 * What quotas allow and what is used of them, summed by the first name of their paths (QuotaMetricsUtils). Where
 * there is a hard limit, it counts.
 */
export function quotaSamples(quotas: readonly Quota[]): MetricSample[] {
  const sums = new Map<string, number>();
  const add = (name: string, value: number): void => void sums.set(name, (sums.get(name) ?? 0) + value);
  for (const { path, limits, usage } of quotas) {
    const namespace = path.split('/', 2)[1];
    if (namespace === undefined || namespace === '') continue;
    add(
      `${namespace}_quota_count_limit_per_namespace`,
      limits.countHardLimit > -1 ? limits.countHardLimit : limits.count,
    );
    add(
      `${namespace}_quota_bytes_limit_per_namespace`,
      limits.byteHardLimit > -1 ? limits.byteHardLimit : limits.bytes,
    );
    add(`${namespace}_quota_count_usage_per_namespace`, usage.count);
    add(`${namespace}_quota_bytes_usage_per_namespace`, usage.bytes);
  }
  return Array.from(sums, ([name, value]) => ({ name, value, isDecimal: false }));
}

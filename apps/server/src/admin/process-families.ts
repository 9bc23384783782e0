import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricFamily } from '@corral/runtime';

/** Of the process, under the names that Prometheus' libraries give them; and how late its event loop was. */
export function* processFamilies(): Iterable<MetricFamily> {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  yield { kind: 'counter', name: 'process_cpu_seconds_total', value: (user + system) / 1e6 };
  yield { kind: 'gauge', name: 'process_start_time_seconds', value: Date.now() / 1000 - process.uptime() };
  yield { kind: 'gauge', name: 'process_resident_memory_bytes', value: rss };
  yield { kind: 'gauge', name: 'nodejs_heap_size_used_bytes', value: heapUsed };
  yield { kind: 'gauge', name: 'nodejs_heap_size_total_bytes', value: heapTotal };
  yield { kind: 'gauge', name: 'nodejs_external_memory_bytes', value: external };
  yield* eventLoopDelay();
}

let delay: ReturnType<typeof monitorEventLoopDelay> | undefined;

/** Measured from the first time that somebody asks, and anew from each time on. */
function* eventLoopDelay(): Iterable<MetricFamily> {
  if (delay === undefined) {
    delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
    delay.enable();
  }
  const figures = [
    ['nodejs_eventloop_lag_p50_seconds', seconds(delay.percentile(50))],
    ['nodejs_eventloop_lag_p99_seconds', seconds(delay.percentile(99))],
    ['nodejs_eventloop_lag_max_seconds', seconds(delay.max)],
  ] as const;
  for (const [name, value] of figures) yield { kind: 'gauge', name, value };
  delay.reset();
}

function seconds(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0;
}

const DELAY_RESOLUTION_MS = 20;

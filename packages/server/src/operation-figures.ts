import { OpCode, opName } from '@corral/protocol';
import type { Counter, Durations, Metrics } from '@corral/runtime';

/** By operation: how many were answered, and how long that took. For Prometheus; names of our own. */
export class OperationFigures {
  readonly #metrics: Metrics;
  readonly #figures: (OperationFigure | undefined)[] = Array.from({ length: SLOTS }, () => undefined);

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  answered(type: number, count: number): void {
    this.#of(type).count.add(count);
  }

  /** @param weight of how many alike this one was drawn */
  took(type: number, ms: number, weight: number): void {
    this.#of(type).latency.observe(ms, weight);
  }

  #of(type: number): OperationFigure {
    const slot = slotOf(type);
    return (this.#figures[slot] ??= new OperationFigure(this.#metrics, type));
  }
}

class OperationFigure {
  readonly count: Counter;
  readonly latency: Durations;

  constructor(metrics: Metrics, type: number) {
    const label = { name: 'operation', value: opName(type) };
    this.count = metrics.counter('corral_requests_total', label);
    this.latency = metrics.durations('corral_request_latency_seconds', label);
  }
}

function slotOf(type: number): number {
  if (type >= 0 && type < TYPES) return type;
  if (type === OpCode.createSession) return TYPES;
  return type === OpCode.closeSession ? TYPES + 1 : TYPES + 2;
}

const TYPES = 128;
const SLOTS = TYPES + 3;

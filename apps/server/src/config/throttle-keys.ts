import { decodeJavaInt } from './java-values.ts';
import type { Draft } from './settings.ts';

type Read = (draft: Draft, value: string, key: string) => void;

/** Throttles of requests and connections: system properties of Apache's, off unless they are set. */
export const throttleKeys: Readonly<Record<string, Read>> = {
  request_throttle_max_requests: request('maxRequests'),
  request_throttle_stall_time: request('stallTime'),
  request_throttle_drop_stale: requestSwitch('dropStale'),
  request_stale_connection_check: requestSwitch('staleConnectionCheck'),
  request_stale_latency_check: requestSwitch('staleLatencyCheck'),
  throttled_op_wait_time: request('throttledOpWaitTime'),
  'request_throttler.shutdownTimeout': request('shutdownTimeout'),
  connection_throttle_tokens: connection('tokens'),
  connection_throttle_fill_time: connection('fillTime'),
  connection_throttle_fill_count: connection('fillCount'),
  connection_throttle_freeze_time: connection('freezeTime', -1),
  connection_throttle_drop_increase: chance('dropIncrease'),
  connection_throttle_drop_decrease: chance('dropDecrease'),
  connection_throttle_decrease_ratio: chance('decreaseRatio'),
  connection_throttle_weight_enabled: (draft, value) =>
    void (draft.server.connectionThrottle.weightEnabled = value.toLowerCase() === 'true'),
  connection_throttle_global_session_weight: connection('globalSessionWeight', 1),
  connection_throttle_local_session_weight: connection('localSessionWeight', 1),
  connection_throttle_renew_session_weight: connection('renewSessionWeight', 1),
};

/** What costs more than a session of one server alone cannot cost less (BlueThrottle). */
export function finishWeights({ server: { connectionThrottle: weights }, notices }: Draft): void {
  for (const kind of ['globalSessionWeight', 'renewSessionWeight'] as const) {
    if (weights[kind] >= weights.localSessionWeight) continue;
    notices.push(`connection_throttle: ${kind} is less than localSessionWeight, which counts for it`);
    weights[kind] = weights.localSessionWeight;
  }
}

type RequestThrottle = Draft['server']['requestThrottle'];
type ConnectionThrottle = Draft['server']['connectionThrottle'];
type NamesOf<T, V> = { [K in keyof T]: T[K] extends V ? K : never }[keyof T];

function request(name: NamesOf<RequestThrottle, number>): Read {
  return number((draft, n) => (draft.server.requestThrottle[name] = n), 0);
}

function requestSwitch(name: NamesOf<RequestThrottle, boolean>): Read {
  return (draft, value) => void (draft.server.requestThrottle[name] = value.toLowerCase() === 'true');
}

function connection(name: NamesOf<ConnectionThrottle, number>, min = 0): Read {
  return number((draft, n) => (draft.server.connectionThrottle[name] = n), min);
}

function number(set: (draft: Draft, value: number) => void, min: number): Read {
  return (draft, value, key) => {
    const n = decodeJavaInt(value);
    if (n === undefined || n < min) draft.notices.push(unfit(key, value));
    else set(draft, n);
  };
}

function chance(name: NamesOf<ConnectionThrottle, number>): Read {
  return (draft, value, key) => {
    const n = value === '' ? Number.NaN : Number(value);
    if (n >= 0 && n <= 1) draft.server.connectionThrottle[name] = n;
    else draft.notices.push(unfit(key, value));
  };
}

function unfit(key: string, value: string): string {
  return `${key}=${value} is not a number this key can have: the default stays`;
}

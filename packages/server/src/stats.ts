import type { Counter, Metrics, Summary } from '@corral/runtime';
import { OpCode } from '@corral/protocol';

/** Latencies since the start or the last reset, in whole milliseconds as Apache counts them. */
export class LatencyStats {
  #min = Number.POSITIVE_INFINITY;
  #max = 0;
  #total = 0;
  #count = 0;

  add(ms: number): void {
    if (ms < this.#min) this.#min = ms;
    if (ms > this.#max) this.#max = ms;
    this.#total += ms;
    this.#count++;
  }

  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }

  get max(): number {
    return this.#max;
  }

  get avg(): number {
    return this.#count === 0 ? 0 : this.#total / this.#count;
  }

  reset(): void {
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = this.#total = this.#count = 0;
  }
}

/** The figures of the whole server that `srvr` and `mntr` show, beside those that only `Metrics` holds. */
export class ServerStats {
  packetsReceived = 0;
  packetsSent = 0;
  authFailed = 0;
  readonly latency: LatencyStats = new LatencyStats();
  readonly bytesReceived: Counter;
  readonly connectionsRejected: Counter;
  readonly connectionsDropped: Counter;
  readonly requestsRefused: Counter;
  readonly largeRequestsRejected: Counter;
  readonly staleSessionsExpired: Counter;
  readonly sessionlessExpired: Counter;
  readonly readLatency: Summary;
  readonly updateLatency: Summary;

  constructor(metrics: Metrics) {
    this.bytesReceived = metrics.counter('bytes_received_count');
    this.connectionsRejected = metrics.counter('connection_rejected');
    this.connectionsDropped = metrics.counter('connection_drop_count');
    this.requestsRefused = metrics.counter('requests_refused');
    this.largeRequestsRejected = metrics.counter('large_requests_rejected');
    this.staleSessionsExpired = metrics.counter('stale_sessions_expired');
    this.sessionlessExpired = metrics.counter('sessionless_connections_expired');
    this.readLatency = metrics.summary('readlatency');
    this.updateLatency = metrics.summary('updatelatency');
  }

  reset(): void {
    this.packetsReceived = this.packetsSent = 0;
    this.latency.reset();
  }
}

/** What `cons` calls an operation (FinalRequestProcessor). */
export function lastOperationName(type: number): string {
  return SHORT_NAMES.get(type) ?? 'NA';
}

const SHORT_NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [OpCode.ping, 'PING'],
  [OpCode.createSession, 'SESS'],
  [OpCode.multi, 'MULT'],
  [OpCode.multiRead, 'MLTR'],
  [OpCode.create, 'CREA'],
  [OpCode.create2, 'CREA'],
  [OpCode.createTTL, 'CREA'],
  [OpCode.createContainer, 'CREA'],
  [OpCode.delete, 'DELE'],
  [OpCode.deleteContainer, 'DELE'],
  [OpCode.setData, 'SETD'],
  [OpCode.reconfig, 'RECO'],
  [OpCode.setACL, 'SETA'],
  [OpCode.closeSession, 'CLOS'],
  [OpCode.sync, 'SYNC'],
  [OpCode.check, 'CHEC'],
  [OpCode.exists, 'EXIS'],
  [OpCode.getData, 'GETD'],
  [OpCode.setWatches, 'SETW'],
  [OpCode.setWatches2, 'STW2'],
  [OpCode.addWatch, 'ADDW'],
  [OpCode.getACL, 'GETA'],
  [OpCode.getChildren, 'GETC'],
  [OpCode.getAllChildrenNumber, 'GETACN'],
  [OpCode.getChildren2, 'GETC'],
  [OpCode.checkWatches, 'CHKW'],
  [OpCode.removeWatches, 'REMW'],
  [OpCode.whoAmI, 'HOMI'],
  [OpCode.getEphemerals, 'GETE'],
]);

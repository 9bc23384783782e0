import type { Counter, Metrics, Summary } from '@corral/runtime';
import { OpCode } from '@corral/protocol';
import { OperationFigures } from './operation-figures.ts';

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

  /** The same so often, of 0. */
  addZeros(count: number): void {
    this.#min = 0;
    this.#count += count;
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
  /** Bytes of replies and events without their length, -1 before the first. */
  lastResponseSize = -1;
  minResponseSize = -1;
  maxResponseSize = -1;
  readonly latency: LatencyStats = new LatencyStats();
  readonly operations: OperationFigures;
  readonly bytesReceived: Counter;
  readonly connectionsRejected: Counter;
  readonly connectionsDropped: Counter;
  readonly requestsRefused: Counter;
  readonly largeRequestsRejected: Counter;
  readonly staleSessionsExpired: Counter;
  readonly sessionlessExpired: Counter;
  readonly connectionRequests: Counter;
  readonly connectionRevalidations: Counter;
  readonly responseBytes: Counter;
  readonly watchBytes: Counter;
  readonly staleReplies: Counter;
  readonly #ensembleAuthSuccess: Counter;
  readonly #ensembleAuthFail: Counter;
  readonly #ensembleAuthSkip: Counter;
  readonly #readLatency: Summary;
  readonly #updateLatency: Summary;

  constructor(metrics: Metrics) {
    this.operations = new OperationFigures(metrics);
    this.bytesReceived = metrics.counter('bytes_received_count');
    this.connectionsRejected = metrics.counter('connection_rejected');
    this.connectionsDropped = metrics.counter('connection_drop_count');
    this.requestsRefused = metrics.counter('requests_refused');
    this.largeRequestsRejected = metrics.counter('large_requests_rejected');
    this.staleSessionsExpired = metrics.counter('stale_sessions_expired');
    this.sessionlessExpired = metrics.counter('sessionless_connections_expired');
    this.connectionRequests = metrics.counter('connection_request_count');
    this.connectionRevalidations = metrics.counter('connection_revalidate_count');
    this.responseBytes = metrics.counter('response_bytes');
    this.watchBytes = metrics.counter('watch_bytes');
    this.staleReplies = metrics.counter('stale_replies');
    this.#ensembleAuthSuccess = metrics.counter('ensemble_auth_success');
    this.#ensembleAuthFail = metrics.counter('ensemble_auth_fail');
    this.#ensembleAuthSkip = metrics.counter('ensemble_auth_skip');
    this.#readLatency = metrics.summary('readlatency');
    this.#updateLatency = metrics.summary('updatelatency');
  }

  noteRead(latencyMs: number): void {
    this.latency.add(latencyMs);
    this.#readLatency.observe(latencyMs);
  }

  /** So many reads were answered in the turn they came in. */
  noteReadsAtOnce(type: number, count: number, bytes: number): void {
    this.packetsSent += count;
    if (type !== OpCode.ping) this.responseBytes.add(bytes);
    this.operations.answered(type, count);
    this.latency.addZeros(count);
    this.#readLatency.observe(0, count);
  }

  noteUpdate(latencyMs: number): void {
    this.latency.add(latencyMs);
    this.#updateLatency.observe(latencyMs);
  }

  /** A reply of so many bytes is on its way. Apache leaves ConnectResponses out, and of pings only looks at the size. */
  noteResponse(type: number, bytes: number): void {
    if (type === OpCode.createSession) return;
    if (type !== OpCode.ping) this.responseBytes.add(bytes);
    this.noteFrame(bytes);
  }

  noteEvent(bytes: number): void {
    this.watchBytes.add(bytes);
    this.noteFrame(bytes);
  }

  /** Of whatever kind, without its length. */
  noteFrame(bytes: number): void {
    this.lastResponseSize = bytes;
    if (bytes > this.maxResponseSize) this.maxResponseSize = bytes;
    if (bytes < this.minResponseSize || this.minResponseSize < 0) this.minResponseSize = bytes;
  }

  /** @param isEmpty the client named no ensemble */
  noteEnsembleAuth(outcome: unknown, isEmpty: boolean): void {
    if (outcome === 'wrongServer') this.#ensembleAuthFail.add(1);
    else if (isEmpty) this.#ensembleAuthSkip.add(1);
    else if (outcome !== 'failed') this.#ensembleAuthSuccess.add(1);
  }

  reset(): void {
    this.packetsReceived = this.packetsSent = 0;
    this.lastResponseSize = this.minResponseSize = this.maxResponseSize = -1;
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

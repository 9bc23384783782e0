import { CreateMode } from '@corral/protocol';
import { SimulatedClient } from '../clients/simulated-client.ts';
import type { HistoryRecord, HistorySink, Operation, RequestRecord } from '../history.ts';
import type { ClientCounters } from '../clients/simulated-client.ts';
import type { World } from '../world/world.ts';

export interface ClusterClientOptions {
  readonly world: World;
  readonly client: number;
  /** The server it dials. */
  readonly host: string;
  readonly sessionTimeoutMs: number;
  readonly auth: readonly [scheme: string, credentials: string] | undefined;
  readonly counters: ClientCounters;
  readonly history: HistorySink;
  /** Lets the time go on until this is settled. */
  readonly run: <T>(promise: Promise<T>, what: string) => Promise<T>;
}

/**
 * A client of one server at a time, with one session. `send` and `sendAll` only send; everything else lets the time of
 * the cluster go on until the answer is there, and rejects where it is an error or never came.
 */
export class ClusterClient {
  /** What the events said, `type path` each. */
  readonly events: string[] = [];
  readonly simulated: SimulatedClient;
  readonly #o: ClusterClientOptions;
  readonly #servers: string[];
  readonly #queue: Operation[][] = [];
  readonly #waiting: Map<Operation, (record: RequestRecord) => void> = new Map();
  #values = 0;

  constructor(options: ClusterClientOptions) {
    const { world, client, host, sessionTimeoutMs, auth, counters } = options;
    this.#o = options;
    this.#servers = [host];
    this.simulated = new SimulatedClient({
      world,
      client,
      script: { next: () => this.#queue.shift() ?? [], pauseMs: () => IDLE_MS },
      random: world.random(),
      sessionTimeoutMs,
      servers: this.#servers,
      history: (record) => this.#heard(record),
      counters,
      ...(auth === undefined ? {} : { auth }),
    });
  }

  get session(): bigint {
    return this.simulated.session;
  }

  /** From now on it dials that server, with the same session. */
  moveTo(sid: number): void {
    const { network } = this.#o.world;
    const host = `s${sid}`;
    const [before] = this.#servers.splice(0, 1, host);
    if (before !== undefined && before !== host) network.reset(this.simulated.host, before);
  }

  /** Its process is gone without a word. */
  die(): void {
    this.simulated.end();
  }

  send(operation: Operation): Promise<RequestRecord> {
    return this.sendAll([operation])[0]!;
  }

  /** All at once, one behind another. */
  sendAll(operations: readonly Operation[]): Promise<RequestRecord>[] {
    const own = operations.map((operation) => ({ ...operation }));
    this.#queue.push(own);
    return own.map((operation) => new Promise((resolve) => this.#waiting.set(operation, resolve)));
  }

  /** The answer, whatever it says; rejects only where the connection ended before. */
  async ask(operation: Operation): Promise<RequestRecord> {
    const record = await this.#o.run(this.send(operation), `an answer to ${nameOf(operation)}`);
    if (record.outcome === 'unknown')
      throw new Error(`client ${record.client}: no answer to ${nameOf(operation)}`);
    return record;
  }

  async do(operation: Operation): Promise<RequestRecord> {
    const record = await this.ask(operation);
    if (record.outcome === 'ok') return record;
    throw new Error(`client ${record.client}: ${nameOf(operation)} is answered with ${record.error}`);
  }

  /** Returns the zxid. */
  async create(path: string, value?: string, mode: number = CreateMode.PERSISTENT): Promise<number> {
    return (await this.do({ op: 'create', path, value: value ?? this.#nextValue(), mode })).zxid;
  }

  createEphemeral(path: string): Promise<number> {
    return this.create(path, undefined, CreateMode.EPHEMERAL);
  }

  /** One after the other, each answered before the next. */
  async createAll(paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.create(path);
  }

  async setData(path: string, value: string, version = -1): Promise<number> {
    return (await this.do({ op: 'setData', path, value, version })).zxid;
  }

  async delete(path: string, version = -1): Promise<number> {
    return (await this.do({ op: 'delete', path, version })).zxid;
  }

  async exists(path: string, watch = false): Promise<boolean> {
    const { error } = await this.ask({ op: 'exists', path, watch });
    if (error !== 0 && error !== NO_NODE) throw new Error(`exists ${path} is answered with ${error}`);
    return error === 0;
  }

  async getData(path: string, watch = false): Promise<string> {
    return (await this.do({ op: 'getData', path, watch })).result?.value ?? '';
  }

  async children(path: string, watch = false): Promise<readonly string[]> {
    return (await this.do({ op: 'getChildren', path, watch })).result?.children?.toSorted() ?? [];
  }

  async sync(): Promise<void> {
    await this.do({ op: 'sync', path: '/' });
  }

  async close(): Promise<void> {
    await this.do({ op: 'closeSession' });
    this.simulated.end();
  }

  /** No two values of a history are the same. */
  #nextValue(): string {
    return `${this.#o.client}:${++this.#values}`;
  }

  #heard(record: HistoryRecord): void {
    this.#o.history(record);
    if (record.kind === 'event') this.events.push(`${record.type} ${record.path}`);
    if (record.kind !== 'request') return;
    const operation = record.operation as Operation;
    this.#waiting.get(operation)?.(record);
    this.#waiting.delete(operation);
  }
}

function nameOf(operation: Operation): string {
  return 'path' in operation ? `${operation.op} ${operation.path}` : operation.op;
}

/** Between two looks at whether there is something to send. */
const IDLE_MS = 5;
const NO_NODE = -101;

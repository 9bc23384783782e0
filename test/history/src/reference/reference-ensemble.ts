import { Dice } from '@corral-test/oracle';
import { Identity } from '@corral/protocol';
import type { HistoryRecord, RequestRecord } from '@corral/testing';
import { RandomWorkload, type Request } from '../workload.ts';
import { Leader } from './leader.ts';
import { type Attached, Replica, type Reply } from './replica.ts';
import { WatchLists } from '../watch-lists.ts';

export interface ReferenceOptions {
  readonly seed: number;
  readonly requests: number;
  readonly clients?: number;
  /** Connections are lost only where nothing is unanswered on them, and sessions end by their clients' will. */
  readonly isCalm?: boolean;
}

/**
 * A history of an ensemble that cannot be wrong: one leader that gives writes their places, replicas that apply them in
 * order and answer reads from wherever they are, and clients that lose connections, move, fall silent and come back.
 */
export function referenceHistory(options: ReferenceOptions): HistoryRecord[] {
  return new ReferenceEnsemble(options).run();
}

class ReferenceEnsemble {
  readonly records: HistoryRecord[] = [];
  readonly dice: Dice;
  readonly leader = new Leader();
  readonly replicas: readonly Replica[] = Array.from({ length: 3 }, () => new Replica());
  readonly workload: RandomWorkload;
  readonly #clients: readonly ReferenceClient[];
  readonly requests: number;
  now = 0;
  connections = 0;
  sessions = 0x1000n;
  asked = 0;

  readonly isCalm: boolean;

  constructor({ seed, requests, clients = 5, isCalm = false }: ReferenceOptions) {
    this.isCalm = isCalm;
    this.dice = new Dice(seed);
    this.workload = new RandomWorkload({ seed: seed + 1, users: USERS });
    this.requests = requests;
    this.#clients = Array.from({ length: clients }, (_, i) => new ReferenceClient(this, i));
  }

  run(): HistoryRecord[] {
    const [first] = this.#clients;
    first!.connect();
    for (const request of this.workload.foundations()) first!.ask(request);
    while (first!.isBusy) this.step();
    while (this.asked < this.requests) this.step();
    while (this.isCalm && this.#clients.some((client) => client.isBusy)) this.step();
    for (const client of this.#clients) client.lose();
    return this.records;
  }

  step(): void {
    this.now += this.dice.between(0, 3);
    const replica = this.dice.pick(this.replicas);
    const ahead = this.leader.zxid - replica.zxid;
    if (ahead > 0 && this.dice.chance(0.3)) this.advance(replica, replica.zxid + this.dice.between(1, ahead));
    this.dice.pick(this.#clients).step();
  }

  advance(replica: Replica, to: number): void {
    while (replica.zxid < to) {
      const txn = this.leader.txns[replica.zxid]!;
      const reply = replica.apply(txn);
      for (const client of this.#clients)
        if (client.replica === replica) client.applied(txn.header.zxid, reply);
    }
  }

  record(record: Unnumbered<HistoryRecord>): void {
    this.records.push({ ...record, arrival: this.records.length });
  }
}

type Unnumbered<R> = R extends unknown ? Omit<R, 'arrival'> : never;

/** Asked, and not answered yet. */
interface Asked {
  readonly request: Request;
  readonly xid: number;
  readonly invokedAt: number;
  /** Of a write that has its place. */
  zxid: number;
}

class ReferenceClient implements Attached {
  readonly #ensemble: ReferenceEnsemble;
  readonly #number: number;
  replica: Replica | undefined;
  session = 0n;
  identities: readonly Identity[] = [];
  readonly #asked: Asked[] = [];
  readonly #watchLists = new WatchLists();
  #connection = 0;
  #xid = 0;
  #seen = 0;
  #silentUntil = 0;
  #isExpired = false;
  #isLeaving = false;

  constructor(ensemble: ReferenceEnsemble, number: number) {
    this.#ensemble = ensemble;
    this.#number = number;
  }

  get isBusy(): boolean {
    return this.#asked.length > 0;
  }

  step(): void {
    const { dice, now, workload } = this.#ensemble;
    if (now < this.#silentUntil) return;
    if (this.replica === undefined) return this.connect();
    if (dice.chance(0.004)) {
      if (!this.#ensemble.isCalm) return this.lose();
      this.#isLeaving = true;
    }
    if (this.#isLeaving) {
      this.#serve();
      if (this.#asked.length === 0) this.lose();
      return;
    }
    if (dice.chance(0.002)) return this.ask({ op: 'closeSession' });
    if (this.#ensemble.asked >= this.#ensemble.requests) return this.#serve();
    if (this.#asked.length < 4 && dice.chance(0.6)) this.ask(workload.next());
    this.#serve();
  }

  ask(request: Request): void {
    const last = this.#asked.at(-1);
    if (last?.request.op === 'closeSession') return;
    this.#ensemble.asked++;
    const xid = XIDS[request.op] ?? ++this.#xid;
    this.#asked.push({ request, xid, invokedAt: this.#ensemble.now, zxid: 0 });
  }

  connect(): void {
    const ensemble = this.#ensemble;
    const replica = ensemble.dice.pick(ensemble.replicas);
    if (replica.zxid < this.#seen) ensemble.advance(replica, this.#seen);
    const invokedAt = ensemble.now;
    ensemble.now += 1;
    this.#connection = ++ensemble.connections;
    const base = { client: this.#number, connection: this.#connection };
    if (this.#isExpired) {
      ensemble.record({
        ...base,
        kind: 'disconnected',
        session: this.session,
        isExpired: true,
        returnedAt: ensemble.now,
      });
      this.session = 0n;
      this.#isExpired = false;
      this.#watchLists.clear();
      return;
    }
    const isNew = this.session === 0n;
    if (isNew) this.session = ++ensemble.sessions;
    this.replica = replica;
    const at = { invokedAt, returnedAt: ensemble.now };
    ensemble.record({
      ...base,
      kind: 'connected',
      server: `replica ${ensemble.replicas.indexOf(replica) + 1}`,
      session: this.session,
      isNew,
      timeoutMs: TIMEOUT_MS,
      lastZxidSeen: this.#seen,
      ...at,
    });
    this.identities = [];
    if (this.#number % 2 === 0) this.ask({ op: 'auth', scheme: 'digest', identity: USERS[0]! });
    const lists = this.#watchLists.request(this.#seen);
    if (lists !== undefined) this.ask(lists);
  }

  /** The connection is lost, with all that is on it; some of it may still reach the leader. */
  lose(): void {
    const ensemble = this.#ensemble;
    this.#isLeaving = false;
    if (this.replica === undefined) return;
    this.replica.detach(this);
    this.replica = undefined;
    for (const asked of this.#asked) {
      const isSent = isWrite(asked.request) && asked.zxid === 0 && ensemble.dice.chance(0.5);
      if (isSent) this.#commit(asked);
      this.#record(asked, 'unknown', 0, { error: 0, result: {} });
    }
    const isClosing = this.#asked.some(({ request }) => request.op === 'closeSession');
    this.#asked.length = 0;
    this.#end(false);
    if (!ensemble.isCalm && (isClosing || ensemble.dice.chance(0.3))) this.#expire();
  }

  applied(zxid: number, reply: Reply): void {
    const asked = this.#asked[0];
    if (asked?.zxid !== zxid) return;
    this.#asked.shift();
    this.#answer(asked, reply);
    if (asked.request.op === 'closeSession') this.#closed();
  }

  heard({ type, path, zxid }: { type: number; path: string; zxid: number }): void {
    this.#ensemble.now += 0.01;
    this.#watchLists.heard(type, path);
    this.#ensemble.record({
      kind: 'event',
      client: this.#number,
      connection: this.#connection,
      session: this.session,
      returnedAt: this.#ensemble.now,
      zxid,
      type,
      state: 3,
      path,
    });
  }

  #serve(): void {
    const asked = this.#asked[0];
    if (asked === undefined || asked.zxid > 0) return;
    if (isWrite(asked.request)) return this.#commit(asked);
    this.#asked.shift();
    const { request } = asked;
    if (request.op === 'sync') this.#ensemble.advance(this.replica!, this.#ensemble.leader.zxid);
    if (request.op === 'auth')
      this.identities = [...this.identities, new Identity(request.scheme, request.identity)];
    this.#answer(asked, this.replica!.read(this, request));
  }

  #commit(asked: Asked): void {
    this.#ensemble.leader.commit(asked.request, this.session, this.identities, this.#ensemble.now);
    asked.zxid = this.#ensemble.leader.zxid;
  }

  #answer(asked: Asked, reply: Reply): void {
    this.#ensemble.now += 0.01;
    const zxid = asked.request.op === 'auth' ? 0 : this.replica!.zxid === 0 ? 0 : this.#zxidOf(asked);
    this.#seen = Math.max(this.#seen, zxid);
    this.#watchLists.answered(asked.request, reply.error);
    this.#record(asked, reply.error === 0 ? 'ok' : 'error', zxid, reply);
  }

  #zxidOf(asked: Asked): number {
    return asked.zxid > 0 ? asked.zxid : this.replica!.zxid;
  }

  #closed(): void {
    this.replica!.detach(this);
    this.replica = undefined;
    this.#asked.length = 0;
    this.#end(false);
    this.session = 0n;
    this.#watchLists.clear();
  }

  /** Falls silent until its session is over. */
  #expire(): void {
    const ensemble = this.#ensemble;
    ensemble.now += TIMEOUT_MS;
    ensemble.leader.commit({ op: 'closeSession' }, this.session, [], ensemble.now);
    this.#isExpired = true;
    this.#silentUntil = ensemble.now + 20;
  }

  #record(asked: Asked, outcome: RequestRecord['outcome'], zxid: number, { error, result }: Reply): void {
    this.#ensemble.record({
      kind: 'request',
      client: this.#number,
      connection: this.#connection,
      session: this.session,
      xid: asked.xid,
      operation: asked.request,
      invokedAt: asked.invokedAt,
      returnedAt: this.#ensemble.now,
      outcome,
      zxid,
      error,
      result: outcome === 'unknown' ? undefined : result,
    });
  }

  #end(isExpired: boolean): void {
    this.#ensemble.record({
      kind: 'disconnected',
      client: this.#number,
      connection: this.#connection,
      session: this.session,
      isExpired,
      returnedAt: this.#ensemble.now,
    });
  }
}

function isWrite({ op }: Request): boolean {
  return WRITES.has(op);
}

const WRITES: ReadonlySet<string> = new Set([
  'create',
  'delete',
  'setData',
  'setACL',
  'multi',
  'closeSession',
]);
const XIDS: Readonly<Record<string, number>> = { ping: -2, auth: -4, setWatches: -8 };
const USERS: readonly string[] = ['ann:NrXmpTcXd7Pc6hOq1Q5QcJ1J0Ew='];
const TIMEOUT_MS = 4000;

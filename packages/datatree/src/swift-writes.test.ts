import { JuteWriter } from '@corral/jute';
import {
  Acl,
  CreateRequest,
  encodeTxn,
  type Identity,
  OpCode,
  SetACLRequest,
  SetDataRequest,
  type Txn,
  type Zxid,
} from '@corral/protocol';
import { describe, expect, it, test } from 'vitest';
import { describeTree } from '../test/describe-tree.ts';
import { History, type Step } from '../test/history.ts';
import { Random } from '../test/random.ts';
import { bytes, open, PREPARATION_OPTIONS, TREE_OPTIONS } from '../test/replica.ts';
import {
  DataTree,
  type DataTreeOptions,
  NOT_SWIFT,
  type Outcome,
  Preparation,
  type PreparationOptions,
  Watches,
  type WatchEvent,
} from './index.ts';

describe.each([1, 2, 3, 4, 5, 6])('any history (seed %i), its ordinary writes taken as bytes,', (seed) => {
  it.each([{}, { digestEnabled: false }, { skipAcl: true }])(
    'gives the same entries, replies, events and tree as when all are decoded: %o',
    (options) => {
      const swift = new Server(true, options);
      const plain = new Server(false, options);
      runHistory(seed, (run) => run(swift) === run(plain));
      expect(swift.log).toEqual(plain.log);
      expect(swift.told).toEqual(plain.told);
      expect(describeTree(swift.tree)).toEqual(describeTree(plain.tree));
      expect(swift.tree.digests.mismatchCount).toBe(0);
      expect(swift.tree.digests.recent).toEqual(plain.tree.digests.recent);
      expect(swift.preparation.pendingCount).toBe(0);
      expect(swift.tickets).toBeGreaterThan(150);
    },
  );
});

describe('an ordinary write', () => {
  it('is one of a node that is created in flight', () => {
    const server = new Server(true);
    server.prepare(create('/a'));
    server.prepare(create('/a/b'));
    server.prepare(setData('/a/b'));
    server.applyAll();
    expect(server.tickets).toBe(3);
    expect(server.tree.children(server.tree.find('/a'))).toEqual(['b']);
  });

  it('is one of a node that is deleted and created again in flight', () => {
    const server = new Server(true);
    server.do(create('/a'));
    server.prepare({ type: OpCode.delete, request: { path: '/a', version: -1 } as never, sessionId: 1n });
    server.prepare(create('/a', 'again'));
    server.prepare(setData('/a', 'last'));
    server.applyAll();
    expect(new TextDecoder().decode(server.tree.data(server.tree.find('/a'))!)).toBe('last');
    expect(server.tree.digests.mismatchCount).toBe(0);
  });

  it('may make sequential and ephemeral nodes, which go with a session that closes in flight', () => {
    const server = new Server(true);
    for (const flags of [0, 1, 2, 3, 3]) server.prepare(create('/n-', 'data', flags));
    server.applyNext();
    expect(server.tickets).toBe(5 - 1);
    for (let i = 0; i < 4; i++) server.applyNext();
    const names = ['n-', 'n-0000000001', 'n-0000000002', 'n-0000000003'];
    expect(server.tree.children(server.tree.find('/')).slice(1)).toEqual(names);
    expect(server.tree.ephemerals(1n)).toEqual(['/n-0000000002', '/n-0000000003']);
    server.prepare(create('/n-', '', 3));
    server.prepare({ type: OpCode.closeSession, request: null, sessionId: 1n });
    server.applyAll();
    expect(server.tree.ephemerals(1n)).toEqual([]);
    expect(server.tree.digests.mismatchCount).toBe(0);
  });
});

describe('a write is not ordinary, leaves no trace and is to be decoded,', () => {
  test.each<[string, Partial<Write>]>([
    ['of no node', { step: setData('/none') }],
    ['of a node that is there', { step: create('/a') }],
    ['of a node below none', { step: create('/none/b') }],
    ['of another version', { step: setData('/a', '', 7) }],
    ['of null data', { step: setData('/a', null) }],
    ['of a container', { step: create('/s', '', 4) }],
    [
      'of an ephemeral node whose owner would be no session',
      { step: { ...create('/s', '', 1), sessionId: -1n } },
    ],
    ['of a path that is no path', { step: setData('/a//b') }],
    ['of a node of quotas', { step: create('/zookeeper/quota/x') }],
    ['of an empty ACL', { step: create('/s', '', 0, []) }],
    ['of a null ACL', { step: create('/s', '', 0, null) }],
    ['of an unknown scheme', { step: create('/s', '', 0, [new Acl(31, 'nobody', 'x')]) }],
    ['of an ACL that depends on who asks', { step: create('/s', '', 0, [new Acl(31, 'auth', '')]) }],
    ['of an ACL that may have duplicates', { step: create('/s', '', 0, [...open(), ...open()]) }],
    ['without WRITE', { step: setData('/closed') }],
    ['without CREATE', { step: create('/closed/s') }],
    ['of a session that is no more', { sessionError: -112 }],
    ['of another type', { type: OpCode.delete }],
    ['that would be too long to be read back', { txnBytesMax: 60 }],
    ['below a quota that is enforced', { enforceQuota: true }],
  ])('%s', (_, { step = setData('/a'), type = step.type, sessionError = 0, ...options }) => {
    const server = new Server(true, options);
    server.do(create('/a', '', 0));
    server.do(create('/closed', '', 0, [new Acl(1, 'world', 'anyone')]));
    server.do(create('/zookeeper/quota/a'));
    server.do(create('/zookeeper/quota/a/zookeeper_limits', 'count=5,bytes=500'));
    const body = encoded(step);
    const entry = new JuteWriter();
    const context = { ...server.context(step.sessionId), sessionError };
    expect(server.preparation.prepareSwift(type, body, 0, body.length, context, entry)).toBe(NOT_SWIFT);
    expect(server.preparation.pendingCount).toBe(0);
    expect(entry.length).toBe(0);
  });

  test('whatever bytes it is', () => {
    const random = new Random(11);
    const server = new Server(true);
    server.do(create('/a'));
    for (const step of [setData('/a', 'data'), create('/b', 'data')]) {
      const whole = encoded(step);
      for (let end = 0; end < whole.length; end++) {
        expect(server.trySwift(step.type, whole.slice(0, end))).toBe(NOT_SWIFT);
      }
      for (let i = 0; i < 2000; i++) {
        const broken = whole.slice();
        broken[random.below(broken.length)] = random.below(256);
        if (server.trySwift(step.type, broken) !== NOT_SWIFT)
          server.preparation.committed(server.zxid as Zxid);
      }
    }
  });

  test('for an ACL of another client is not remembered as that of everybody', () => {
    const server = new Server(true);
    const own = [new Acl(31, 'ip', '10.0.0.1')];
    server.do(create('/open'));
    server.do(create('/own', '', 0, own));
    server.do(create('/open2'));
    expect(server.tree.acl(server.tree.find('/own'))).toEqual(own);
    expect(server.tree.acl(server.tree.find('/open2'))).toEqual(open());
    expect(server.tickets).toBe(3);
  });
});

interface Write extends PreparationOptions {
  readonly step: Step;
  readonly type: number;
  readonly sessionError: number;
}

/** Prepares and applies, by bytes where it may, and writes down everything that could be seen of it. */
class Server {
  readonly tree: DataTree;
  readonly preparation: Preparation;
  readonly log: string[] = [];
  readonly told: unknown[] = [];
  tickets = 0;
  zxid = 0;
  readonly #isSwift: boolean;
  readonly #watches: Watches<object>;
  readonly #inFlight: { type: number; zxid: number; txn: Txn | undefined; ticket: number }[] = [];

  constructor(isSwift: boolean, options: Partial<DataTreeOptions & PreparationOptions> = {}) {
    this.tree = new DataTree({ ...TREE_OPTIONS, ...options });
    this.preparation = new Preparation(this.tree, { ...PREPARATION_OPTIONS, ...options });
    this.#isSwift = isSwift;
    this.#watches = new Watches<object>((_, { type, path, zxid }: WatchEvent) =>
      this.told.push({ type, path, zxid }),
    );
  }

  watch(path: string): void {
    this.#watches.add(this, path, 'persistentRecursive');
  }

  context(sessionId: bigint): {
    sessionId: bigint;
    cxid: number;
    zxid: Zxid;
    time: number;
    identities: Identity[];
    sessionError: number;
  } {
    const zxid = this.zxid + 1;
    return {
      sessionId,
      cxid: zxid * 3,
      zxid: zxid as Zxid,
      time: 1_700_000_000_000 + zxid,
      identities: [],
      sessionError: 0,
    };
  }

  prepare(step: Step): void {
    const { type, request, sessionId } = step;
    const context = this.context(sessionId);
    this.zxid++;
    const entry = new JuteWriter();
    const body = this.#isSwift ? encoded(step) : new Uint8Array(0);
    const padded = new Uint8Array(body.length + 6);
    padded.set(body, 3);
    const ticket = this.preparation.prepareSwift(type, padded, 3, 3 + body.length, context, entry);
    let txn: Txn | undefined;
    if (ticket === NOT_SWIFT) encodeTxn(entry, (txn = this.preparation.prepare(type, request, context)));
    else this.tickets++;
    this.log.push(hex(entry.bytes()));
    this.#inFlight.push({ type, zxid: this.zxid, txn, ticket });
  }

  trySwift(type: number, body: Uint8Array): number {
    this.zxid++;
    const entry = new JuteWriter();
    return this.preparation.prepareSwift(type, body, 0, body.length, this.context(1n), entry);
  }

  get inFlight(): number {
    return this.#inFlight.length;
  }

  applyNext(): void {
    const { type, zxid, txn, ticket } = this.#inFlight.shift()!;
    const outcome =
      txn === undefined
        ? this.preparation.applySwift(type, ticket, this.#watches)
        : this.tree.apply(txn, this.#watches);
    if (type !== OpCode.multi) this.told.push(reply(type, outcome));
    this.told.push(this.tree.lastProcessedZxid);
    this.preparation.committed(zxid as Zxid);
  }

  applyAll(): void {
    while (this.inFlight > 0) this.applyNext();
  }

  do(step: Step): void {
    this.prepare(step);
    this.applyAll();
  }
}

/** What the reply is written from. */
function reply(type: number, outcome: Outcome): unknown {
  if (outcome.error !== 0) return outcome.error;
  const w = new JuteWriter();
  outcome.writePath(w);
  if (outcome.hasStat) outcome.writeStat(w);
  return [type, outcome.path, hex(w.bytes())];
}

function runHistory(seed: number, both: (run: (server: Server) => unknown) => void): void {
  const random = new Random(seed);
  const history = new History(random);
  for (const step of History.beginning()) both((server) => server.do(step));
  both((server) => server.watch('/'));
  for (let i = 0; i < 2500; i++) {
    const step = history.next();
    both((server) => server.prepare(step));
    const inFlight = random.below(12);
    both((server) => {
      while (server.inFlight > inFlight) server.applyNext();
    });
  }
  both((server) => server.applyAll());
}

function setData(path: string, data: string | null = '', version = -1): Step {
  return { type: OpCode.setData, request: new SetDataRequest(path, bytes(data), version), sessionId: 1n };
}

function create(path: string, data = '', flags = 0, acl: readonly Acl[] | null = open()): Step {
  return { type: OpCode.create2, request: new CreateRequest(path, bytes(data), acl, flags), sessionId: 1n };
}

/** The body of the request, where it has one of its own. */
function encoded({ request }: Step): Uint8Array {
  const w = new JuteWriter();
  if (
    request instanceof SetDataRequest ||
    request instanceof CreateRequest ||
    request instanceof SetACLRequest
  )
    request.write(w);
  return w.copy();
}

function hex(array: Uint8Array): string {
  return Array.from(array, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

import {
  Acl,
  CreateTxn,
  MultiTxn,
  OpCode,
  Perms,
  QuorumConfig,
  SetDataTxn,
  SubTxn,
  ErrorTxn,
  toZxid,
  Txn,
  TxnHeader,
  ZXID_NONE,
  type TxnRecord,
  encodeTxn,
} from '@corral/protocol';
import { JuteWriter } from '@corral/jute';
import { describe, expect, it } from 'vitest';
import type { Operation, OperationResult, RequestRecord } from '../history.ts';
import type { Checks, ClientEvidence, MemberEvidence } from '../invariant.ts';
import { CommittedHistory } from '../world/committed-history.ts';
import { standardInvariants } from './standard-invariants.ts';

describe('quorum-sync', () => {
  it('is broken by a sync that shows less than was answered before it was sent', () => {
    const { checks, said } = watching('quorum-sync');
    checks.onRecord?.(
      reply({ op: 'setData', path: '/a', value: '', version: -1 }, { zxid: 7, at: [1, 2] }),
      CLIENT,
    );
    checks.onRecord?.(reply({ op: 'sync', path: '/' }, { zxid: 7, at: [3, 4] }), CLIENT);
    checks.onRecord?.(reply({ op: 'sync', path: '/' }, { zxid: 6, at: [1, 5] }), CLIENT);
    expect(said).toEqual([]);
    checks.onRecord?.(reply({ op: 'sync', path: '/' }, { zxid: 6, at: [3, 6] }), CLIENT);
    expect(said).toEqual([expect.stringContaining('a sync shows 0x6')]);
  });
});

describe('acl-is-kept', () => {
  it.each([
    ['by nobody else', undefined, 1],
    ['by its owner', 'digest:me:x', 0],
    ['by the superuser', 'digest:super:x', 0],
    ['by another', 'digest:you:x', 1],
  ])('lets a guarded node be read %s', (_, identity, violations) => {
    const { checks, said, commit } = watching('acl-is-kept');
    commit(1, OpCode.create2, new CreateTxn('/g', null, [new Acl(Perms.ALL, 'digest', 'me:x')], false, 1));
    const read = reply({ op: 'getData', path: '/g', watch: false }, { zxid: 1, at: [1, 2] });
    checks.onRecord?.(read, { ...CLIENT, identity });
    expect(said.length).toBe(violations);
  });
});

describe('one-history', () => {
  it('asks nothing of what a leader proposes whose epoch is over', () => {
    const { checks, said, commit } = watching('one-history');
    const set = new SetDataTxn('/', null, 1);
    commit(EPOCH + 1, OpCode.setData, set);
    commit(3 * EPOCH + 1, OpCode.setData, set);
    const durable = { entries: [{ zxid: 2 * EPOCH + 1, hash: 0 }] };
    const follower = { ...member(3), durable } as unknown as MemberEvidence;

    checks.onServing?.(follower, 'follower', 2, undefined as never);
    expect(said).toEqual([]);
    checks.onServing?.(follower, 'follower', 3, undefined as never);
    expect(said).toEqual(['server 3 serves with another 0x200000001 in its log than was committed']);
  });
});

describe('leader-completeness', () => {
  const leading = (epoch: number, lastZxid: number): [MemberEvidence, 'leader', number, never] => {
    const durable = { lastZxid, snapshotZxid: 0, entries: [] };
    return [{ ...member(3), durable } as unknown as MemberEvidence, 'leader', epoch, undefined as never];
  };
  const set = new SetDataTxn('/', null, 1);

  it('is broken by a leader that lacks what was committed before its epoch', () => {
    const { checks, said, commit } = watching('leader-completeness');
    commit(EPOCH + 1, OpCode.setData, set);
    checks.onServing?.(...leading(2, EPOCH + 1));
    expect(said).toEqual([]);
    checks.onServing?.(...leading(2, EPOCH));
    expect(said).toEqual(['server 3 leads epoch 2 without 0x100000001, which was committed']);
  });

  it('asks nothing of later epochs: whoever stood still may wake up as the leader of one that is over', () => {
    const { checks, said, commit } = watching('leader-completeness');
    commit(EPOCH + 1, OpCode.setData, set);
    commit(3 * EPOCH + 1, OpCode.setData, set);
    checks.onServing?.(...leading(2, EPOCH + 1));
    expect(said).toEqual([]);
    checks.onServing?.(...leading(2, EPOCH));
    expect(said).toHaveLength(1);
  });
});

describe('all-or-nothing', () => {
  const failed = new MultiTxn([
    new SubTxn(OpCode.create2, new CreateTxn('/a', null, openAcl(), false, 1)),
    new SubTxn(OpCode.error, new ErrorTxn(-101)),
  ]);
  const multi: Operation = {
    op: 'multi',
    operations: [
      { op: 'create', path: '/a', value: '', mode: 0 },
      { op: 'check', path: '/b', version: -1 },
    ],
  };

  it('is broken by an event of a multi that failed', () => {
    const { checks, said, commit } = watching('all-or-nothing');
    commit(1, OpCode.multi, failed);
    checks.onEvent?.({ zxid: 1, path: '/a' } as never, CLIENT);
    expect(said).toEqual(['client 1 is told of /a by 0x1, which has failed']);
  });

  it('is broken by an answer that says otherwise', () => {
    const { checks, said, commit } = watching('all-or-nothing');
    commit(1, OpCode.multi, failed);
    checks.onRecord?.(reply(multi, { zxid: 1, at: [1, 2], results: [0, -101] }), CLIENT);
    expect(said).toEqual([]);
    checks.onRecord?.(reply(multi, { zxid: 1, at: [1, 2], results: [0, 0] }), CLIENT);
    expect(said).toEqual([expect.stringContaining('is told that the multi 0x1 was done')]);
  });
});

describe('sequence-never-reused', () => {
  it('is broken by a number that is not above those given before', () => {
    const { checks, said, commit } = watching('sequence-never-reused');
    const names = ['/q0000000001', '/q0000000002', '/r0000000002'];
    for (const [index, path] of names.entries()) {
      const zxid = index + 1;
      commit(zxid, OpCode.create2, new CreateTxn(path, null, openAcl(), false, zxid));
      const create: Operation = { op: 'create', path: path.slice(0, 2), value: '', mode: 2 };
      checks.onRecord?.(reply(create, { zxid, at: [1, 2], path }), CLIENT);
    }
    expect(said).toEqual(['client 1 is given /r0000000002 by 0x3, and 0x2 gave number 2']);
  });
});

describe('requests-once-in-order', () => {
  const refused = new MultiTxn([
    new SubTxn(OpCode.error, new ErrorTxn(0)),
    new SubTxn(OpCode.error, new ErrorTxn(-101)),
  ]);
  const done = new MultiTxn([
    new SubTxn(OpCode.create2, new CreateTxn('/m', null, openAcl(), false, 1)),
    new SubTxn(OpCode.create2, new CreateTxn('/n', null, openAcl(), false, 2)),
  ]);

  it('lets a multi that was refused come late, for it has done nothing', () => {
    const { said, commit } = watching('requests-once-in-order');
    commit(1, OpCode.create2, new CreateTxn('/a', null, openAcl(), false, 1), 5);
    commit(2, OpCode.multi, refused, 3);
    expect(said).toEqual([]);
  });

  it('is broken by a multi that is done late', () => {
    const { said, commit } = watching('requests-once-in-order');
    commit(1, OpCode.create2, new CreateTxn('/a', null, openAcl(), false, 1), 5);
    commit(2, OpCode.multi, done, 3);
    expect(said).toEqual(['0x2 is request 3 of session 0x1, and 5 was done before']);
  });

  it('holds nothing against what comes before a multi that was refused', () => {
    const { said, commit } = watching('requests-once-in-order');
    commit(1, OpCode.multi, refused, 5);
    commit(2, OpCode.create2, new CreateTxn('/a', null, openAcl(), false, 1), 4);
    expect(said).toEqual([]);
  });
});

describe('no-early-expiry', () => {
  it.each([
    ['in the middle of its talk', [10_000, 16_000, 19_000], 1],
    ['after it was silent for its timeout', [10_000], 0],
    ['just after it has broken its silence', [10_000, 19_900], 0],
  ])('judges the end of a session %s', (_, answeredRequestsAt, violations) => {
    const client = { ...CLIENT, session: 1n, sessionTimeoutMs: 6000, answeredRequestsAt, isClosing: false };
    const { said, commit, pass } = watching('no-early-expiry', [], [client]);
    pass(20_000);
    commit(1, OpCode.closeSession, null);
    expect(said.length).toBe(violations);
  });
});

describe('established-by-a-quorum', () => {
  it('counts the leader and the voters that have acknowledged its history, and no observer', () => {
    const { checks, said } = watching('established-by-a-quorum');
    checks.onAcknowledged?.(member(4), 2 * EPOCH, true);
    checks.onServing?.(member(1), 'leader', 2, undefined as never);
    expect(said).toEqual(['server 1 leads epoch 2, acknowledged by no more than 1']);
    checks.onAcknowledged?.(member(2), 3 * EPOCH, true);
    checks.onServing?.(member(1), 'leader', 3, undefined as never);
    expect(said.length).toBe(1);
  });
});

describe('primary-integrity', () => {
  it('is broken by a leader that broadcasts before it has delivered what was committed before its epoch', () => {
    const { checks, said, commit } = watching('primary-integrity');
    commit(5, OpCode.create2, new CreateTxn('/a', null, openAcl(), false, 1));
    checks.onProposed?.(member(1, 'leader', 4), EPOCH + 1);
    checks.onProposed?.(member(2, 'leader', 5), 2 * EPOCH + 1);
    expect(said).toEqual(['server 1 broadcasts 0x100000001 and has delivered 0x4, others 0x5']);
  });
});

describe('no-service-without-a-leader', () => {
  it('allows a leader without followers its limits, and no more', () => {
    const leader = member(1, 'leader');
    const { checks, said, pass } = watching('no-service-without-a-leader', [leader, member(2)]);
    checks.onServing?.(leader, 'leader', 1, undefined as never);
    pass(1000);
    checks.onSample?.(leader, undefined as never);
    expect(said).toEqual([]);
    pass(1);
    checks.onSample?.(leader, undefined as never);
    expect(said).toEqual(['server 1 serves as leader of epoch 1, for 1001 ms without a quorum']);
  });

  it('is content while a quorum follows', () => {
    const members = [member(1, 'leader'), member(2, 'follower')];
    const { checks, said, pass } = watching('no-service-without-a-leader', members);
    pass(5000);
    for (const one of members) checks.onSample?.(one, undefined as never);
    expect(said).toEqual([]);
  });
});

interface Watching {
  readonly checks: Checks;
  readonly said: string[];
  commit(zxid: number, type: number, record: TxnRecord | null, cxid?: number): void;
  pass(ms: number): void;
}

function watching(
  name: string,
  members: readonly MemberEvidence[] = [],
  clients: readonly ClientEvidence[] = [],
): Watching {
  const said: string[] = [];
  let now = 0;
  const committed = new CommittedHistory(CONFIG, ZXID_NONE);
  const checks = standardInvariants
    .find((invariant) => invariant.name === name)!
    .watch({
      now: () => now,
      leaderlessMaxMs: 1000,
      committed,
      members: new Map(members.map((one) => [one.sid, one])),
      clients,
      violated: (message) => said.push(message),
    });
  return {
    checks,
    said,
    commit(zxid, type, record, cxid = 1) {
      const w = new JuteWriter();
      encodeTxn(w, new Txn(new TxnHeader(1n, cxid, toZxid(zxid), 1, type), record));
      const { committed: done, txn } = committed.append(
        { zxid: toZxid(zxid), bytes: w.take(), hash: 0 },
        now,
      );
      checks.onCommitted?.(done, txn, member(1), CONFIG);
    },
    pass: (ms) => void (now += ms),
  };
}

function member(sid: number, role?: 'leader' | 'follower', lastProcessedZxid = 0): MemberEvidence {
  const serving = role && { role, epoch: 1, tree: { lastProcessedZxid } };
  return { sid, isUp: true, isStopped: false, serving } as unknown as MemberEvidence;
}

interface Reply {
  readonly zxid: number;
  readonly at: readonly [invoked: number, returned: number];
  readonly path?: string;
  /** Error codes of the parts of a multi. */
  readonly results?: readonly number[];
}

function reply(
  operation: Operation,
  { zxid, at: [invokedAt, returnedAt], path, results }: Reply,
): RequestRecord {
  const result: OperationResult = {
    ...(path === undefined ? {} : { path }),
    ...(results === undefined ? {} : { results: results.map((error) => ({ error })) }),
  };
  const where = { client: 1, connection: 1, arrival: 1, session: 1n, xid: 1 };
  return {
    kind: 'request',
    ...where,
    operation,
    invokedAt,
    returnedAt,
    outcome: 'ok',
    zxid,
    error: 0,
    result,
  };
}

function openAcl(): Acl[] {
  return [new Acl(Perms.ALL, 'world', 'anyone')];
}

const CLIENT = { client: 1 } as ClientEvidence;
const EPOCH = 0x1_0000_0000;
const CONFIG: QuorumConfig = QuorumConfig.parse(
  [1, 2, 3, 4]
    .map((sid) => `server.${sid}=s${sid}:2888:3888:${sid < 4 ? 'participant' : 'observer'};2181`)
    .join('\n'),
);

import { type Acl, OpCode, Perms, type Txn } from '@corral/protocol';
import type { ClientEvidence, Invariant, WatchedWorld } from '../invariant.ts';
import type { HistoryRecord, RequestRecord } from '../history.ts';

/** What clients see: D1 to D8, as far as it can be said at once. The whole of a history is a checker's work. */
export const clientInvariants: readonly Invariant[] = [
  {
    name: 'acknowledged-is-committed',
    says: 'A write is answered after it was committed, under its own zxid, and no reply shows a state that was not committed.',
    watch(world) {
      const written = new Map<number, string>();
      return {
        onRecord(record, { client }) {
          if (record.kind !== 'request' || record.outcome === 'unknown') return;
          const { zxid, operation } = record;
          const { lastZxid } = world.committed;
          if (zxid > lastZxid && zxid % 0x1_0000_0000 !== 0)
            world.violated(
              `client ${client} is shown 0x${zxid.toString(16)}, and 0x${lastZxid.toString(16)} is committed`,
            );
          if (!isWrite(record) || record.outcome !== 'ok') return;
          if (zxid >= world.committed.oldestKnown && world.committed.find(zxid) === undefined)
            world.violated(
              `client ${client}: ${operation.op} is answered with 0x${zxid.toString(16)}, which is no transaction`,
            );
          const other = written.get(zxid);
          if (other !== undefined)
            world.violated(`0x${zxid.toString(16)} answers two writes: ${other}, ${operation.op}`);
          written.set(zxid, operation.op);
          if (written.size > WRITES_KEPT)
            for (const old of written.keys()) {
              written.delete(old);
              if (written.size <= WRITES_KEPT / 2) break;
            }
        },
      };
    },
  },
  {
    name: 'session-order',
    says: 'In a session replies come in the order of the requests, and what they show never goes back, also from another server.',
    watch(world) {
      const seen = new Map<bigint, { zxid: number; connection: number; xid: number }>();
      return {
        onRecord(record, { client }) {
          if (record.kind === 'disconnected' && record.isExpired) seen.delete(record.session);
          if (record.kind !== 'request' || record.outcome === 'unknown') return;
          const { session, zxid, connection, xid } = record;
          // The answer to credentials shows no state.
          if (record.operation.op === 'auth') return;
          const before = seen.get(session) ?? { zxid: 0, connection, xid: 0 };
          if (zxid < before.zxid)
            world.violated(
              `client ${client} saw 0x${before.zxid.toString(16)} and is shown 0x${zxid.toString(16)}`,
            );
          if (xid >= 0 && before.connection === connection && xid <= before.xid)
            world.violated(`client ${client}: the reply to ${xid} comes after that to ${before.xid}`);
          seen.set(session, { zxid, connection, xid: Math.max(xid, 0) });
        },
      };
    },
  },
  {
    name: 'reads-are-true',
    says: 'A read returns what the one history has at the zxid of its reply.',
    watch(world) {
      return {
        onRecord(record, { client }) {
          if (record.kind !== 'request' || record.zxid !== world.committed.lastZxid) return;
          const difference = readDifference(world, record);
          if (difference !== undefined)
            world.violated(`client ${client} at 0x${record.zxid.toString(16)}: ${difference}`);
        },
      };
    },
  },
  {
    name: 'watch-before-reply',
    says: 'No reply shows a state before the event of a watch that this state has fired.',
    watch(world) {
      return {
        onRecord(record, client) {
          if (record.kind !== 'request' || record.outcome === 'unknown') return;
          for (const { kind, path, zxid } of client.watches.values()) {
            const { committed } = world;
            const fired = kind === 'data' ? committed.lastChangeOf(path) : committed.lastChildChangeOf(path);
            // The last change only: an earlier one, too, was due, but may be of before the watch.
            if (fired > zxid && fired <= record.zxid)
              world.violated(
                `client ${client.client} is shown 0x${record.zxid.toString(16)}, and no event of ${path} at 0x${fired.toString(16)}`,
              );
          }
        },
      };
    },
  },
  {
    name: 'quorum-sync',
    says: 'Behind a sync a session sees every write that was answered, to anybody, before the sync was sent.',
    watch(world) {
      /** The newest write answered by then, growing in both. */
      const answered: { readonly at: number; readonly zxid: number }[] = [];
      return {
        onRecord(record, { client }) {
          if (record.kind !== 'request' || record.outcome !== 'ok') return;
          const { zxid, operation, invokedAt, returnedAt } = record;
          if (isWrite(record) && zxid > (answered.at(-1)?.zxid ?? 0)) {
            answered.push({ at: returnedAt, zxid });
            if (answered.length > ANSWERED_KEPT * 2) answered.splice(0, ANSWERED_KEPT);
          }
          if (operation.op !== 'sync') return;
          const before = answered.findLast(({ at }) => at < invokedAt);
          if (before !== undefined && zxid < before.zxid)
            world.violated(
              `client ${client}: a sync shows 0x${zxid.toString(16)}, and 0x${before.zxid.toString(16)} was answered before it was sent`,
            );
        },
      };
    },
  },
  {
    name: 'acl-is-kept',
    says: 'Nobody reads what the ACL does not let them read.',
    watch(world) {
      return {
        onRecord(record, { client, identity }) {
          if (record.kind !== 'request' || record.outcome !== 'ok') return;
          const { operation, zxid } = record;
          if (operation.op !== 'getData' && operation.op !== 'getChildren') return;
          const { tree, lastZxid } = world.committed;
          const node = zxid === lastZxid ? tree.find(operation.path) : 0;
          if (node !== 0 && !mayRead(tree.acl(node), identity))
            world.violated(`client ${client} reads ${operation.path} as ${identity ?? 'anyone'}`);
        },
      };
    },
  },
  {
    name: 'no-early-expiry',
    says: 'A session ends because its client wants it, or has not been heard of for its timeout.',
    watch(world) {
      return {
        onCommitted(_committed, txn) {
          if (txn.header.type !== OpCode.closeSession) return;
          const client = world.clients.find(({ session }) => session === txn.header.clientId);
          if (client !== undefined) requireSilence(world, client, txn);
        },
      };
    },
  },
];

/**
 * Clocks that drift are allowed for, and contact that a follower had not told its leader yet: who is silent for too long
 * and then speaks may be answered by a follower while the leader ends the session.
 */
function requireSilence(world: WatchedWorld, client: ClientEvidence, txn: Txn): void {
  if (client.isClosing) return;
  const now = world.now();
  const tooLate = now - UNTOLD_MS;
  const tooEarly = now - client.sessionTimeoutMs * FAST_CLOCK;
  const heard = client.answeredRequestsAt.findLast((at) => at < tooLate);
  if (heard !== undefined && heard > tooEarly)
    world.violated(
      `session 0x${txn.header.clientId.toString(16)} of client ${client.client} ends ${(now - heard).toFixed(0)} ms after it was heard of, its timeout is ${client.sessionTimeoutMs}`,
    );
}

function mayRead(acl: readonly Acl[], identity: string | undefined): boolean {
  return acl.some(
    ({ perms, scheme, id }) =>
      (perms & Perms.READ) !== 0 &&
      ((scheme === 'world' && id === 'anyone') ||
        `${scheme}:${id}` === identity ||
        identity?.startsWith(SUPER) === true),
  );
}

function isWrite({ operation }: RequestRecord): boolean {
  return WRITES.has(operation.op);
}

function readDifference({ committed }: WatchedWorld, record: HistoryRecord): string | undefined {
  if (record.kind !== 'request' || record.outcome === 'unknown') return undefined;
  const { operation, result, error } = record;
  if (operation.op !== 'getData' && operation.op !== 'exists' && operation.op !== 'getChildren')
    return undefined;
  // A leader gives the configuration that its files had a version without a transaction.
  if (operation.path === '/zookeeper/config') return undefined;
  const { tree } = committed;
  const node = tree.find(operation.path);
  if ((node === 0) !== (error === NO_NODE))
    return `${operation.path}: error ${error}, and it ${node === 0 ? 'is not there' : 'is there'}`;
  if (node === 0 || result === undefined) return undefined;
  const stat = tree.stat(node);
  if (result.stat !== undefined)
    for (const field of Object.keys(result.stat) as (keyof typeof result.stat)[])
      if (result.stat[field] !== stat[field])
        return `${operation.path}: ${field} is ${result.stat[field]}, not ${stat[field]}`;
  if (
    result.children !== undefined &&
    result.children.toSorted().join() !== tree.children(node).toSorted().join()
  )
    return `${operation.path}: children ${result.children.join()}`;
  if (result.value !== undefined && result.value !== text(tree.data(node)))
    return `${operation.path}: ${result.value}`;
  return undefined;
}

function text(data: Uint8Array | null): string {
  return String.fromCharCode(...(data ?? []));
}

const WRITES = new Set(['create', 'delete', 'setData', 'multi', 'reconfig', 'closeSession']);
const ANSWERED_KEPT = 2000;
const SUPER = 'digest:super:';
const WRITES_KEPT = 20_000;
const NO_NODE = -101;
const FAST_CLOCK = 0.85;
const UNTOLD_MS = 3500;

import {
  CreateContainerTxn,
  CreateTTLTxn,
  CreateTxn,
  isSequential,
  MultiTxn,
  OpCode,
  type Txn,
} from '@corral/protocol';
import type { HistoryRecord, RequestRecord } from '../history.ts';
import type { Invariant } from '../invariant.ts';
import { RecentMap } from './recent-map.ts';

/** Of multis, and of names that are given one behind another: B4, B5. */
export const writeInvariants: readonly Invariant[] = [
  {
    name: 'all-or-nothing',
    says: 'A multi is one transaction with all of its parts, or changes nothing; what failed fires no watch.',
    watch(world) {
      /** Whether the transaction is one that failed. */
      const hasFailed = new RecentMap<number, boolean>(TXNS_KEPT);
      let digest: bigint | undefined = undefined;
      return {
        onCommitted(committed, txn) {
          const isFailure = isFailed(txn);
          hasFailed.set(committed.zxid, isFailure);
          if (isFailure && digest !== undefined && committed.digest !== digest)
            world.violated(`${hex(committed.zxid)} has failed, and the tree is another`);
          digest = committed.digest;
        },
        onRecord(record, { client }) {
          if (record.kind !== 'request' || record.operation.op !== 'multi' || record.outcome === 'unknown')
            return;
          const { zxid, outcome, operation, result } = record;
          const results = result?.results ?? [];
          // The header of the reply to a multi that failed may say that all went well; its results do not.
          const isAnswer = outcome === 'error' || results.some(({ error }) => error !== 0);
          const isFailure = hasFailed.get(zxid);
          if (isFailure !== undefined && isFailure !== isAnswer)
            world.violated(
              `client ${client} is told that the multi ${hex(zxid)} ${isAnswer ? 'failed' : 'was done'}, and it ${isFailure ? 'failed' : 'was done'}`,
            );
          if (outcome === 'ok' && results.length !== operation.operations.length)
            world.violated(`client ${client}: ${results.length} results of the multi ${hex(zxid)}`);
        },
        onEvent({ zxid, path }, { client }) {
          if (hasFailed.get(zxid) === true)
            world.violated(`client ${client} is told of ${path} by ${hex(zxid)}, which has failed`);
        },
      };
    },
  },
  {
    name: 'sequence-never-reused',
    says: 'Sequential names of one parent grow with the zxid, and none is given twice while the parent lives.',
    watch(world) {
      /** The czxid of the parent in which a node was created, by zxid and path. */
      const parents = new RecentMap<string, number>(TXNS_KEPT);
      const given = new RecentMap<string, Given[]>(PARENTS_KEPT);
      return {
        onCommitted({ zxid }, txn) {
          const { tree } = world.committed;
          for (const path of createdBy(txn)) {
            const node = tree.find(parentOf(path));
            if (node !== 0) parents.set(`${zxid} ${path}`, tree.stat(node).czxid);
          }
        },
        onRecord(record, { client }) {
          for (const [path, zxid] of sequentialNames(record)) {
            const parent = parents.get(`${zxid} ${path}`);
            if (parent === undefined) continue;
            const number = Number(path.slice(-DIGITS));
            const key = `${parent} ${parentOf(path)}`;
            const list = given.get(key) ?? [];
            const other = list.find((one) => one.zxid !== zxid && one.zxid < zxid !== one.number < number);
            if (other !== undefined)
              world.violated(
                `client ${client} is given ${path} by ${hex(zxid)}, and ${hex(other.zxid)} gave number ${other.number}`,
              );
            list.push({ zxid, number });
            given.set(key, list.slice(-NAMES_KEPT));
          }
        },
      };
    },
  },
];

interface Given {
  readonly zxid: number;
  readonly number: number;
}

function isFailed({ header, record }: Txn): boolean {
  if (record instanceof MultiTxn) return record.txns.some(({ type }) => type === OpCode.error);
  return header.type === OpCode.error;
}

function createdBy(txn: Txn): string[] {
  const { record } = txn;
  if (record instanceof MultiTxn)
    return isFailed(txn) ? [] : record.txns.flatMap((part) => pathCreated(part.record) ?? []);
  return pathCreated(record) ?? [];
}

function pathCreated(record: unknown): string[] | undefined {
  const isCreate =
    record instanceof CreateTxn || record instanceof CreateTTLTxn || record instanceof CreateContainerTxn;
  return isCreate ? [record.path] : undefined;
}

/** What a reply says that sequential nodes were called, each with its zxid. */
function sequentialNames(record: HistoryRecord): (readonly [path: string, zxid: number])[] {
  if (record.kind !== 'request' || record.outcome !== 'ok') return [];
  const { operation, result, zxid }: RequestRecord = record;
  if (operation.op === 'create')
    return isSequential(operation.mode) && result?.path !== undefined ? [[result.path, zxid]] : [];
  if (operation.op !== 'multi') return [];
  return operation.operations.flatMap((part, at) => {
    const path = result?.results?.[at]?.path;
    return part.op === 'create' && isSequential(part.mode) && path !== undefined
      ? [[path, zxid] as const]
      : [];
  });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}

function hex(zxid: number): string {
  return `0x${zxid.toString(16)}`;
}

const DIGITS = 10;
const TXNS_KEPT = 5000;
const PARENTS_KEPT = 200;
const NAMES_KEPT = 40;

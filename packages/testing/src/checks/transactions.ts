import type { DataTree } from '@corral/datatree';
import { MultiTxn, OpCode, type Txn } from '@corral/protocol';
import type { Invariant, MemberEvidence } from '../invariant.ts';

/** Of transactions by themselves, as leaders make them and members apply them: B3, B4, D8. */
export const transactionInvariants: readonly Invariant[] = [
  {
    name: 'no-digest-mismatch',
    says: 'The digest that a leader has written into a transaction is that of every tree to which it is applied.',
    watch(world) {
      const check = ({ sid }: MemberEvidence, { digests }: DataTree): void => {
        if (digests.mismatchCount > 0)
          world.violated(
            `server ${sid} has found ${digests.mismatchCount} digests that are not its tree's, the first at ${hex(digests.firstMismatch ?? 0)}`,
          );
      };
      return {
        onLooking: check,
        onServing: (member, _role, _epoch, tree) => check(member, tree),
        onSample: check,
      };
    },
  },
  {
    name: 'living-owners',
    says: 'The owner of an ephemeral node is a session that lives.',
    watch(world) {
      return {
        onCommitted({ zxid }, { header }) {
          const { tree } = world.committed;
          if (header.type === OpCode.closeSession) {
            const left = tree.ephemerals(header.clientId);
            if (left.length > 0)
              world.violated(`${hex(zxid)} closes session ${hex(header.clientId)} and leaves ${left.join()}`);
          } else if (!tree.sessions.has(header.clientId) && tree.ephemerals(header.clientId).length > 0)
            world.violated(
              `${hex(zxid)} gives an ephemeral node to ${hex(header.clientId)}, which is no session`,
            );
        },
      };
    },
  },
  {
    name: 'living-sessions',
    says: 'No session changes anything before its creation or after its end.',
    watch(world) {
      return {
        onCommitted({ zxid }, { header: { type, clientId } }) {
          if (type === OpCode.error || type === OpCode.createSession || type === OpCode.closeSession) return;
          if (clientId !== SERVER_ITSELF && !world.committed.tree.sessions.has(clientId))
            world.violated(`${hex(zxid)} is of session ${hex(clientId)}, which is not there`);
        },
      };
    },
  },
  {
    name: 'requests-once-in-order',
    says: 'What a session asks for is done once at most, and in the order in which it was asked.',
    watch(world) {
      const last = new Map<bigint, number>();
      return {
        onCommitted({ zxid }, { header: { type, clientId, cxid }, record }) {
          if (type === OpCode.closeSession) last.delete(clientId);
          if (clientId === SERVER_ITSELF || !ORDERED.has(type) || hasFailed(record)) return;
          const before = last.get(clientId) ?? 0;
          if (cxid <= before)
            world.violated(
              `${hex(zxid)} is request ${cxid} of session ${hex(clientId)}, and ${before} was done before`,
            );
          last.set(clientId, cxid);
        },
      };
    },
  },
];

/** A multi that was refused is a transaction of errors: also one that came late, by a server that its session has left. */
function hasFailed(record: Txn['record']): boolean {
  return record instanceof MultiTxn && record.txns.some(({ type }) => type === OpCode.error);
}

function hex(number: number | bigint): string {
  return `0x${number.toString(16)}`;
}

const SERVER_ITSELF = 0n;
/** Errors have changed nothing, and sessions are opened and closed by servers, too. */
const ORDERED: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.createContainer,
  OpCode.createTTL,
  OpCode.delete,
  OpCode.setData,
  OpCode.setACL,
  OpCode.multi,
  OpCode.reconfig,
]);

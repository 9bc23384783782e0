import type { Mutant } from '../mutant.ts';

/** From a request to its transaction and its reply. */
export const requestMutants: readonly Mutant[] = [
  {
    name: 'version-not-checked',
    breaks: 'A setData is done whatever version it was to find.',
    edits: [
      {
        file: 'packages/datatree/src/node-requests.ts',
        find: 'return expected !== -1 && expected !== actual;',
        replace: 'return expected < -1 && actual < -1;',
      },
    ],
  },
  {
    name: 'version-not-checked-in-flight',
    breaks: 'Versions are compared with the tree, without what is prepared and not applied yet.',
    edits: [
      {
        file: 'packages/datatree/src/swift-writes.ts',
        find: 'if (expected !== -1 && expected !== before) return NO_ROW;',
        replace: 'if (expected !== -1) return NO_ROW;',
      },
      {
        file: 'packages/datatree/src/node-requests.ts',
        find: 'if (isOtherVersion(request.version, this.#rows.int(node, ROW_VERSION))) return ErrorCode.BADVERSION;\n    const version',
        replace:
          'const applied = this.#tree.find(path); if (applied !== 0 && isOtherVersion(request.version, this.#tree.stat(applied).version)) return ErrorCode.BADVERSION;\n    const version',
      },
    ],
  },
  {
    name: 'children-not-counted-in-flight',
    breaks: 'A node is deleted though a child of it is on its way.',
    edits: [
      {
        file: 'packages/datatree/src/node-requests.ts',
        find: 'if (this.#rows.word(node, ROW_CHILDREN) > 0) return ErrorCode.NOTEMPTY;',
        replace:
          'const applied = this.#tree.find(path); if (applied !== 0 && this.#tree.childCount(applied) > 0) return ErrorCode.NOTEMPTY;',
      },
    ],
  },
  {
    name: 'sequence-used-again',
    breaks:
      'A sequential node gets the number of children as its number: names come again when others are deleted.',
    issue: 'ZOOKEEPER-1046',
    edits: [
      {
        file: 'packages/datatree/src/swift-writes.ts',
        find: 'if (created < 0) return NO_ROW;',
        replace: 'if (created < 2 ** 31) return NO_ROW;',
      },
      {
        file: 'packages/datatree/src/node-requests.ts',
        find: 'requested + sequenceSuffix(created) : requested;',
        replace: 'requested + sequenceSuffix(rows.word(parent, ROW_CHILDREN)) : requested;',
      },
    ],
  },
  {
    name: 'failed-multi-stays-pending',
    breaks: 'What the parts of a failed multi would have done is taken for done by the requests behind it.',
    issue: 'ZOOKEEPER-2052',
    edits: [
      {
        file: 'packages/datatree/src/preparation.ts',
        find: 'if (!isFailed) this.#pending.rollBack();',
        replace: '',
      },
    ],
  },
  {
    name: 'failed-multi-done-in-part',
    breaks: 'The parts of a multi before the one that fails are done.',
    edits: [
      {
        file: 'packages/datatree/src/txn-application.ts',
        find: 'if (failure < 0 || txn.type === OpCode.error) {',
        replace: 'if (failure < 0 || i < failure || txn.type === OpCode.error) {',
      },
    ],
  },
  {
    name: 'delete-forgets-pzxid',
    breaks: 'A delete does not show in the pzxid of the node above: watches of children are not made up for.',
    issue: 'ZOOKEEPER-3145',
    edits: [
      {
        file: 'packages/datatree/src/changes.ts',
        find: 'state.advancePzxid(parent, zxid);',
        replace: '',
      },
    ],
  },
  {
    name: 'forwarded-twice',
    breaks: 'A follower forwards a write to its leader twice.',
    edits: [
      {
        file: 'packages/server/src/ensemble/forwarding.ts',
        find: 'this.#send(session.id, xid, type, body, connection.identities);\n    return true;',
        replace:
          'this.#send(session.id, xid, type, body, connection.identities);\n    if (type !== OpCode.sync) this.#send(session.id, xid, type, body, connection.identities);\n    return true;',
      },
    ],
  },
  {
    name: 'answered-by-session-alone',
    breaks:
      'A follower takes any transaction of a session for that of its oldest request, also of one from another server.',
    issue: 'ZOOKEEPER-2684',
    edits: [
      {
        file: 'packages/server/src/ensemble/forwarding.ts',
        find: 'if (first === undefined || first.xid !== header.cxid) return undefined;',
        replace: 'if (first === undefined) return undefined;',
      },
    ],
  },
  {
    name: 'read-overtakes-own-write',
    breaks: 'A read is answered at once, also where a write of its client is under way.',
    edits: [
      {
        file: 'packages/server/src/answers.ts',
        find: 'const isFirst = connection.lane.head === undefined;',
        replace: 'const isFirst = connection.lane.length >= 0;',
      },
    ],
  },
  {
    name: 'sync-does-not-wait',
    breaks: 'A sync is answered without asking the leader.',
    edits: [
      {
        file: 'packages/server/src/ensemble/forwarding.ts',
        find: 'if (type === OpCode.sync) {\n',
        replace: 'if (type === OpCode.sync) {\n return false;\n',
      },
      {
        file: 'packages/server/src/ensemble/leader-writes.ts',
        find: 'if (type !== OpCode.sync)\n',
        replace: 'if (type >= 0)\n',
      },
    ],
  },
  {
    name: 'sync-without-a-quorum',
    breaks: 'A sync is answered by a leader that does not ask whether it still leads.',
    issue: 'ZOOKEEPER-1675',
    edits: [
      {
        file: 'packages/zab/src/syncs.ts',
        find: 'const round = this.#isLinearizable ? this.#rounds.next : 0;',
        replace: 'const round = 0;',
      },
    ],
  },
];

import type { Mutant } from '../mutant.ts';

/** Who is elected, by whom, and in which epoch. */
export const electionMutants: readonly Mutant[] = [
  {
    name: 'id-before-zxid',
    breaks: 'The higher id wins an election over the longer log, and nobody looks at the logs again.',
    issue: 'ZOOKEEPER-1419',
    edits: [
      {
        file: 'packages/election/src/vote.ts',
        find: 'if (a.zxid !== b.zxid) return a.zxid > b.zxid;',
        replace: '',
      },
      {
        file: 'packages/zab/src/epoch-agreement.ts',
        find: 'return a.currentEpoch > b.currentEpoch || (a.currentEpoch === b.currentEpoch && a.lastZxid > b.lastZxid);',
        replace: 'return a.currentEpoch > b.currentEpoch;',
      },
    ],
  },
  {
    name: 'epoch-ignored-in-votes',
    breaks:
      'Votes are compared by zxid and id alone: a tail of an old epoch beats an epoch without a transaction.',
    issue: 'ZOOKEEPER-1154',
    edits: [
      {
        file: 'packages/election/src/vote.ts',
        find: 'if (a.peerEpoch !== b.peerEpoch) return a.peerEpoch > b.peerEpoch;',
        replace: '',
      },
      {
        file: 'packages/zab/src/epoch-agreement.ts',
        find: 'return a.currentEpoch > b.currentEpoch || (a.currentEpoch === b.currentEpoch && a.lastZxid > b.lastZxid);',
        replace: 'return a.lastZxid > b.lastZxid;',
      },
    ],
  },
  {
    name: 'votes-with-what-is-applied',
    breaks:
      'A server votes with the last transaction it has applied, and forgets what it has logged and acknowledged behind that.',
    edits: [
      {
        file: 'packages/server/src/ensemble/replica.ts',
        find: 'await log.read(this.#tree.lastProcessedZxid, ({ zxid, bytes }) => {',
        replace: 'await log.read(Number.MAX_SAFE_INTEGER, ({ zxid, bytes }) => {',
      },
    ],
  },
  {
    name: 'epoch-begun-before-its-quorum',
    breaks:
      'A leader takes the first zxid of its epoch for its own when it stores the epoch, before a quorum follows.',
    issue: 'ZOOKEEPER-790',
    edits: [
      {
        file: 'packages/server/src/ensemble/leading.ts',
        find: 'this.#isWaitingForEpoch = false;\n',
        replace:
          "this.#isWaitingForEpoch = false;\nif (which === 'current') this.#o.replica.tree.lastProcessedZxid = epoch * 2 ** 32;\n",
      },
    ],
  },
  {
    name: 'epoch-agreed-alone',
    breaks: 'A leader goes on to synchronise before a quorum has shown that it has nothing newer.',
    edits: [
      {
        file: 'packages/zab/src/epoch-agreement.ts',
        find: 'return this.#config.containsQuorum(this.#acked);',
        replace: 'return this.#acked.size > 0;',
      },
    ],
  },
  {
    name: 'established-alone',
    breaks: 'A leader takes its history for committed before a quorum has acknowledged NEWLEADER.',
    edits: [
      {
        file: 'packages/zab/src/leader.ts',
        find: 'if (!config.containsQuorum(this.#newLeaderAcks)) return;',
        replace: '',
      },
    ],
  },
  {
    name: 'accepted-epoch-not-stored',
    breaks: 'A follower acknowledges a new epoch without keeping the promise on its disk.',
    issue: 'ZOOKEEPER-335',
    edits: [
      {
        file: 'packages/server/src/ensemble/member-epochs.ts',
        find: "return which === 'accepted' ? this.#epochs.setAccepted(epoch) : this.#epochs.setCurrent(epoch);",
        replace:
          "if (which === 'accepted') return Promise.resolve(); return this.#epochs.setAccepted(epoch).then(() => this.#epochs.setCurrent(epoch));",
      },
    ],
  },
  {
    name: 'current-epoch-stored-early',
    breaks:
      'A follower stores the current epoch with the accepted one, before it has the history of that epoch.',
    issue: 'ZOOKEEPER-4643',
    edits: [
      {
        file: 'packages/server/src/ensemble/following.ts',
        find: 'epochs.store(which, epoch).then(() => this.#step',
        replace:
          "epochs.store(which, epoch).then(() => epochs.store('current', epoch)).then(() => this.#step",
      },
    ],
  },
  {
    name: 'current-epoch-not-stored',
    breaks: 'A follower acknowledges NEWLEADER, and its disk goes on naming the epoch before.',
    issue: 'ZOOKEEPER-1291',
    edits: [
      {
        file: 'packages/zab/src/learner.ts',
        find: 'if (this.#currentEpoch >= this.#securing) {',
        replace: 'if (this.#securing >= 0) {',
      },
    ],
  },
  {
    name: 'observers-counted',
    breaks: 'Whoever follows counts towards the quorums of epochs and of NEWLEADER, observers too.',
    issue: 'ZOOKEEPER-2959',
    edits: [
      {
        file: 'packages/protocol/src/quorum-config.ts',
        find: 'for (const sid of sids) if (this.voters.has(sid)) count++;',
        replace: 'for (const sid of sids) if (sid >= 0) count++;',
      },
      {
        file: 'packages/zab/src/epoch-agreement.ts',
        find: 'if (hasVote) this.#joined.add(sid);',
        replace: 'this.#joined.add(sid);',
      },
      {
        file: 'packages/zab/src/epoch-agreement.ts',
        find: 'if (hasVote && peer.lastZxid !== -1)',
        replace: 'if (peer.lastZxid !== -1)',
      },
      {
        file: 'packages/zab/src/leader.ts',
        find: 'if (!learner.isObserver) {\n      this.#newLeaderAcks',
        replace: 'if (learner.sid >= 0) {\n      this.#newLeaderAcks',
      },
      {
        file: 'packages/zab/src/learner-limits.ts',
        find: 'if (learner.isObserver) return false;',
        replace: '',
      },
    ],
  },
  {
    name: 'refuses-after-a-torn-epoch-update',
    breaks: 'A server that died between the snapshot of a SNAP and its epoch refuses to start.',
    issue: 'ZOOKEEPER-2307',
    edits: [
      {
        file: 'packages/server/src/ensemble/member-epochs.ts',
        find: 'if ((epochs.current ?? -1) < last) await epochs.setCurrent(last);',
        replace:
          "if (epochs.current !== undefined && epochs.current < last) throw new PersistenceError('DAMAGED', 'the current epoch is below the log'); if (epochs.current === undefined) await epochs.setCurrent(last);",
      },
    ],
  },
];

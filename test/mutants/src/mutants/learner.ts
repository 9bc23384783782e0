import type { Mutant } from '../mutant.ts';

/** How a learner takes over its leader's history. */
export const learnerMutants: readonly Mutant[] = [
  {
    name: 'ack-before-sync',
    breaks: 'A follower acknowledges a proposal when it is appended, not when it is durable.',
    edits: [
      {
        file: 'packages/zab/src/learner-history.ts',
        find: 'if (next > this.#durable) return;',
        replace: 'if (next > this.#appended) return;',
      },
    ],
  },
  {
    name: 'newleader-acked-before-sync',
    breaks:
      'A follower stores the epoch and acknowledges NEWLEADER while what the DIFF brought is not durable.',
    issue: 'ZOOKEEPER-4646',
    edits: [
      {
        file: 'packages/zab/src/learner.ts',
        find: 'if (!this.#history!.isDurable) return;',
        replace: '',
      },
    ],
  },
  {
    name: 'diff-never-logged',
    breaks: 'What a DIFF brings is applied and not logged.',
    issue: 'ZOOKEEPER-3911',
    edits: [
      {
        file: 'packages/zab/src/learner-history.ts',
        find: 'if (!this.#isLive) this.#handOver(proposal);',
        replace:
          "if (!this.#isLive) this.#outputs.push({ kind: 'hold', zxid: proposal.zxid, entry: proposal.entry, txn: proposal.txn });",
      },
    ],
  },
  {
    name: 'newleader-acked-before-the-snapshot',
    breaks: 'A follower acknowledges NEWLEADER before the tree of a SNAP is on its disk.',
    issue: 'ZOOKEEPER-2872',
    edits: [
      {
        file: 'packages/server/src/ensemble/following.ts',
        find: "this.#work.add(replica.keepAdopted().then(() => this.#step({ kind: 'snapshotTaken' })));",
        replace: "this.#work.add(replica.keepAdopted()); this.#step({ kind: 'snapshotTaken' });",
      },
    ],
  },
  {
    name: 'trunc-skipped',
    breaks: 'A follower that is told to cut its log says that it has, and keeps what it was to forget.',
    edits: [
      {
        file: 'packages/server/src/ensemble/following.ts',
        find: 'replica.truncate(output.zxid).then(',
        replace: 'Promise.resolve().then(',
      },
    ],
  },
  {
    name: 'trunc-on-disk-alone',
    breaks: 'TRUNC cuts the log, and the tree in memory keeps what was cut.',
    issue: 'ZOOKEEPER-2845',
    edits: [
      {
        file: 'packages/server/src/ensemble/replica.ts',
        find: 'await log.truncate(isInLog ? zxid : await newestEntry(log, zxid));\n    await this.#reload();',
        replace: 'await log.truncate(isInLog ? zxid : await newestEntry(log, zxid));',
      },
    ],
  },
  {
    name: 'snap-keeps-the-tail',
    breaks: 'After a SNAP the log keeps what was never committed, behind the snapshot and before it.',
    issue: 'ZOOKEEPER-2832',
    edits: [
      {
        file: 'packages/server/src/ensemble/replica.ts',
        find: 'if (log.lastZxid > lastProcessedZxid) await log.truncate(await newestEntry(log, lastProcessedZxid));',
        replace: '',
      },
      {
        file: 'packages/server/src/ensemble/replica.ts',
        find: 'await forgetHistory(this.storage);',
        replace: '',
      },
    ],
  },
  {
    name: 'snap-keeps-the-log-before',
    breaks: 'After a SNAP the log of before stays, with what was never committed, and is sent to others.',
    issue: 'ZOOKEEPER-2846',
    edits: [
      {
        file: 'packages/server/src/ensemble/replica.ts',
        find: 'await forgetHistory(this.storage);',
        replace: '',
      },
      {
        file: 'packages/server/src/ensemble/replica.ts',
        find: 'await forgetLostHistory(storage, recovered);',
        replace: '',
      },
    ],
  },
  {
    name: 'half-a-snapshot-kept',
    breaks: 'Where a SNAP is cut short, the tree that came stays in memory over the log of before.',
    issue: 'ZOOKEEPER-3642',
    edits: [
      {
        file: 'packages/server/src/ensemble/following.ts',
        find: 'isTreeTorn ? this.#o.replica.reload() : this.#o.replica.settle()',
        replace: 'this.#o.replica.settle()',
      },
      {
        file: 'packages/server/src/ensemble/replica.ts',
        find: 'if (this.#isVolatile) return this.#reload();',
        replace: '',
      },
    ],
  },
  {
    name: 'applies-what-is-proposed',
    breaks: 'A follower applies a transaction when it is proposed, not when it is committed.',
    edits: [
      {
        file: 'packages/server/src/ensemble/following.ts',
        find: 'this.#log.propose(output.zxid, output.entry);',
        replace: 'this.#log.propose(output.zxid, output.entry); this.#commit(output.zxid);',
      },
    ],
  },
  {
    name: 'old-leader-followed',
    breaks: 'A follower goes with a leader whose epoch is below the one that it has promised.',
    edits: [
      {
        file: 'packages/zab/src/leader-info.ts',
        find: 'if (epoch < acceptedEpoch) {',
        replace: 'if (epoch < 0) {',
      },
      {
        file: 'packages/zab/src/leader.ts',
        find: "if (this.#phase === 'broadcasting' && told.acceptedEpoch > this.epoch) return this.#stranded(link, told);",
        replace: '',
      },
    ],
  },
];

import type { Edit, Mutant } from '../mutant.ts';

/** A learner notices a gap in what it is sent; Apache's notes it in its log and goes on. */
const LEARNER_TAKES_GAPS: Edit = {
  file: 'packages/zab/src/learner-history.ts',
  find: 'else if (!isSuccessor(zxid, this.#last)) {',
  replace: 'else if (zxid <= this.#last) {',
};

/** Commits, and what a leader sends to those who come. */
export const leaderMutants: readonly Mutant[] = [
  {
    name: 'leader-acks-before-its-sync',
    breaks: 'A leader counts itself for a proposal that is not on its disk yet.',
    edits: [
      {
        file: 'packages/zab/src/leader.ts',
        find: 'this.#epochEnd.proposed(this.#beats.count);',
        replace:
          'this.#epochEnd.proposed(this.#beats.count); this.#broadcast.acks.raise(this.#options.sid, zxid);',
      },
    ],
  },
  {
    name: 'half-a-quorum',
    breaks: 'A commit needs one voter less than the majority.',
    edits: [
      {
        file: 'packages/zab/src/acks.ts',
        find: 'if (config.containsQuorum(quorum)) return',
        replace: 'if ((quorum.size + 1) * 2 > config.voters.size) return',
      },
    ],
  },
  {
    name: 'acks-counted-by-message',
    breaks: 'Two acknowledgements of one follower count as two.',
    edits: [
      {
        file: 'packages/zab/src/acks.ts',
        find: 'if (at < 0 || zxid <= this.#zxids[at]!) return;\n    this.#zxids[at] = zxid;\n    this.#moveUp(at);',
        replace:
          'if (at < 0 || zxid <= this.#zxids[at]!) return;\n    this.#sids.push(sid); this.#zxids.push(zxid);\n    this.#moveUp(this.#sids.length - 1);',
      },
      {
        file: 'packages/zab/src/acks.ts',
        find: 'if (config.containsQuorum(quorum)) return',
        replace: 'if ((i + 1) * 2 > config.voters.size) return',
      },
    ],
  },
  {
    name: 'newleader-ack-covers-proposals',
    breaks: 'The acknowledgement of NEWLEADER counts for all proposals that were under way, too.',
    issue: 'ZOOKEEPER-4685',
    edits: [
      {
        file: 'packages/zab/src/leader.ts',
        find: 'this.#synchronisation.end(learner);\n    learner.phase',
        replace:
          'this.#synchronisation.end(learner);\n    learner.acked = this.#broadcast.lastProposed;\n    learner.phase',
      },
    ],
  },
  {
    name: 'new-quorum-not-asked',
    breaks: 'A reconfiguration is committed without a quorum of the new configuration.',
    edits: [
      {
        file: 'packages/zab/src/broadcast.ts',
        find: 'const both = Math.min(current, this.acks.reachedBy(this.#configs[1]!)) as Zxid;',
        replace: 'const both = current;',
      },
    ],
  },
  {
    name: 'commit-skips-one',
    breaks: 'Of proposals that are committed together followers are told the last alone.',
    edits: [
      {
        file: 'packages/zab/src/broadcast.ts',
        find: "out.push({ kind: 'sendCommits', links: links.committing, from, to: target });",
        replace: "out.push({ kind: 'sendCommits', links: links.committing, from: target, to: target });",
      },
    ],
  },
  {
    name: 'commits-lost-while-syncing',
    breaks: 'What is committed while a follower synchronises is never committed there.',
    issue: 'ZOOKEEPER-4394',
    edits: [
      {
        file: 'packages/zab/src/broadcast.ts',
        find: 'for (const learner of links.syncingFollowers) learner.oweCommits(from, target);',
        replace: '',
      },
    ],
  },
  {
    name: 'proposals-lost-while-syncing',
    breaks: 'What is proposed while a learner synchronises is not sent to it, and it does not miss it.',
    issue: 'ZOOKEEPER-1551',
    edits: [
      {
        file: 'packages/zab/src/learner-links.ts',
        find: 'const forwarded = all.filter((learner) => learner.isForwarded);',
        replace: "const forwarded = all.filter((learner) => learner.phase === 'synced');",
      },
      LEARNER_TAKES_GAPS,
    ],
  },
  {
    name: 'inform-lost-for-observers',
    breaks:
      'Of transactions that are committed together observers hear of the last alone, and do not miss the others.',
    edits: [
      {
        file: 'packages/zab/src/broadcast.ts',
        find: "out.push({ kind: 'send', links: links.observers, packet: inform(this.committed, entry) });",
        replace:
          "if (this.committed === target) out.push({ kind: 'send', links: links.observers, packet: inform(this.committed, entry) });",
      },
      LEARNER_TAKES_GAPS,
    ],
  },
  {
    name: 'diff-starts-late',
    breaks: 'A DIFF leaves out the first transaction that the learner lacks.',
    edits: [
      {
        file: 'packages/zab/src/synchronisation.ts',
        find: 'let i = committedLog.indexAbove(after); i < committedLog.size',
        replace: 'let i = committedLog.indexAbove(after) + 1; i < committedLog.size',
      },
    ],
  },
  {
    name: 'diff-ends-early',
    breaks: 'A DIFF leaves out the last committed transaction.',
    edits: [
      {
        file: 'packages/zab/src/synchronisation.ts',
        find: 'let i = committedLog.indexAbove(after); i < committedLog.size',
        replace: 'let i = committedLog.indexAbove(after); i < committedLog.size - 1',
      },
    ],
  },
  {
    name: 'diff-without-what-is-in-flight',
    breaks: 'A learner is not sent the proposals under way, and does not miss them.',
    edits: [
      {
        file: 'packages/zab/src/synchronisation.ts',
        find: 'if (!learner.isObserver) this.#sendProposals(learner, after);',
        replace: '',
      },
      LEARNER_TAKES_GAPS,
    ],
  },
  {
    name: 'diff-from-disk-starts-late',
    breaks: 'A DIFF from the log on disk leaves out its first transaction, and the learner does not miss it.',
    edits: [
      {
        file: 'packages/server/src/ensemble/log-history.ts',
        find: 'log.read(after, (entry) => {',
        replace: 'log.read(after + 1, (entry) => {',
      },
      LEARNER_TAKES_GAPS,
    ],
  },
  {
    name: 'trunc-cuts-too-much',
    breaks: 'TRUNC names the transaction before the last that was committed.',
    issue: 'ZOOKEEPER-1156',
    edits: [
      {
        file: 'packages/zab/src/sync-plan.ts',
        find: "{ kind: 'TRUNC', zxid: max, after: max }",
        replace: "{ kind: 'TRUNC', zxid: max - 1, after: max }",
      },
    ],
  },
  {
    name: 'trunc-cuts-too-little',
    breaks: 'TRUNC leaves the first of the transactions that are to be cut.',
    edits: [
      {
        file: 'packages/zab/src/sync-plan.ts',
        find: "{ kind: 'TRUNC', zxid: max, after: max }",
        replace: "{ kind: 'TRUNC', zxid: max + 1, after: max }",
      },
    ],
  },
  {
    name: 'diff-in-place-of-trunc',
    breaks: 'A learner whose log has a tail that was never committed is sent a DIFF on top of it.',
    issue: 'ZOOKEEPER-1154',
    edits: [
      {
        file: 'packages/zab/src/sync-plan.ts',
        find: 'return isBeginning(peer) || log.zxidAt(log.indexAbove(peer) - 1) === peer;',
        replace: 'return true;',
      },
    ],
  },
  {
    name: 'snapshot-cut-too-late',
    breaks: 'The tree that a SNAP brings is newer than its zxid: what lies between is applied twice.',
    issue: 'ZOOKEEPER-3104',
    edits: [
      {
        file: 'packages/server/src/ensemble/learner-port.ts',
        find: 'sendImage(image, write, server.runtime.clock,',
        replace:
          'new Promise((go) => server.runtime.clock.after(30, go)).then(() => sendImage((image.abort(), new SnapshotImage(replica.tree)), write, server.runtime.clock,',
      },
      {
        file: 'packages/server/src/ensemble/learner-port.ts',
        find: "() => step({ kind: 'progress', link: number })),\n    );\n  }\n\n  #beginSync",
        replace: "() => step({ kind: 'progress', link: number }))),\n    );\n  }\n\n  #beginSync",
      },
    ],
  },
  {
    name: 'hole-in-the-committed-log',
    breaks: 'What a learner commits while it synchronises is left out of its memory of what was committed.',
    issue: 'ZOOKEEPER-4925',
    edits: [
      {
        file: 'packages/server/src/ensemble/following.ts',
        find: 'const { replica } = this.#o;\n    for (let txn = replica.takeCommitted(zxid); txn !== undefined; txn = replica.takeCommitted(zxid))\n      replica.tree.apply(txn, undefined);',
        replace:
          'const { replica } = this.#o;\n    replica.committedLog.add = () => {};\n    for (let txn = replica.takeCommitted(zxid); txn !== undefined; txn = replica.takeCommitted(zxid))\n      replica.tree.apply(txn, undefined);\n    delete replica.committedLog.add;',
      },
      {
        file: 'packages/zab/src/committed-log.ts',
        find: 'if (!isSuccessor(zxid, this.max)) this.clear();',
        replace: '',
      },
      {
        file: 'packages/zab/src/leader.ts',
        find: 'if (committedLog.size > 0 && committedLog.max !== lastZxid && counterOf(lastZxid) !== 0)',
        replace: 'if (committedLog.max < 0)',
      },
    ],
  },
  {
    name: 'leads-on-without-a-quorum',
    breaks: 'A leader whose followers are gone goes on leading.',
    edits: [
      {
        file: 'packages/zab/src/leader.ts',
        find: "if (beat % 2 === 0 && !this.#holdsQuorum()) return this.#stepDown('not enough followers are alive');",
        replace: '',
      },
    ],
  },
  {
    name: 'answers-when-logged',
    breaks: 'A leader answers its clients when its own log has their writes.',
    edits: [
      {
        file: 'packages/server/src/ensemble/leading.ts',
        find: 'this.#figures.durable(zxid);',
        replace: 'this.#commits?.onCommitted(zxid);',
      },
    ],
  },
];

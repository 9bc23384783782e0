import { epochOf, counterOf, type QuorumConfig } from '@corral/protocol';
import { RecentMap } from './recent-map.ts';
import type { Invariant, MemberEvidence, WatchedWorld } from '../invariant.ts';

/** ZAB's, as far as logs, disks and what members say of themselves show them (the rows A1 to A14 of docs/RELIABILITY.md). */
export const zabInvariants: readonly Invariant[] = [
  {
    name: 'one-leader-per-epoch',
    says: 'No two servers lead in the same epoch.',
    watch(world) {
      const leaders = new Map<number, number>();
      return {
        onServing({ sid }, role, epoch) {
          if (role !== 'leader') return;
          const other = leaders.get(epoch);
          if (other !== undefined)
            world.violated(`server ${sid} leads in epoch ${epoch}, and so did ${other}`);
          leaders.set(epoch, sid);
        },
      };
    },
  },
  {
    name: 'one-history',
    says: 'What any two members deliver is a prefix of one and the same history.',
    watch(world) {
      return {
        onDelivered({ sid }, entry, zxid) {
          const known = world.committed.find(zxid);
          if (known === undefined) {
            if (zxid > world.committed.lastZxid)
              world.violated(`server ${sid} delivers ${hex(zxid)}, which no leader has committed`);
          } else if (entry !== undefined && entry.hash !== known.hash)
            world.violated(`server ${sid} delivers another ${hex(zxid)} than was committed`);
        },
        onServing(member, role, epoch) {
          if (role !== 'leader' && !isOver(world, epoch)) requireSameHistory(world, member);
        },
      };
    },
  },
  {
    name: 'no-gap',
    says: 'Transactions are committed in the order of their zxids, each the next of its epoch or the first of a later one.',
    watch(world) {
      let last = world.committed.lastZxid as number;
      return {
        onCommitted({ zxid }) {
          const isNext = zxid === last + 1 && counterOf(zxid) > 0;
          const isFirst = epochOf(zxid) > epochOf(last as typeof zxid) && counterOf(zxid) === 1;
          if (!isNext && !isFirst) world.violated(`${hex(zxid)} was committed after ${hex(last)}`);
          last = zxid;
        },
      };
    },
  },
  {
    name: 'committed-is-on-a-quorum',
    says: 'What is committed is durable on a quorum at that moment, observers not counted.',
    watch(world) {
      return {
        onCommitted({ zxid, hash }, _txn, by, config) {
          const holders = holdersOf(world, zxid, hash, config);
          if (!config.containsQuorum(holders))
            world.violated(
              `server ${by.sid} commits ${hex(zxid)}, which is durable on no more than ${[...holders].join(', ')}`,
            );
        },
      };
    },
  },
  {
    name: 'committed-is-never-cut',
    says: 'No log forgets what was committed, unless a snapshot on the same disk has it.',
    watch(world) {
      return {
        onForgotten({ sid, durable }, entries) {
          for (const { zxid, hash } of entries)
            if (zxid > durable.snapshotZxid && world.committed.find(zxid)?.hash === hash)
              world.violated(`server ${sid} cuts ${hex(zxid)} off its log, which was committed`);
        },
      };
    },
  },
  {
    name: 'synced-survives',
    says: 'What a sync has covered is there after a crash or a power cut.',
    watch(world) {
      return {
        onReopened({ sid, durable }, before) {
          if (durable.durableZxid < Math.max(before.syncedZxid, before.snapshotZxid))
            world.violated(
              `server ${sid} had ${hex(Math.max(before.syncedZxid, before.snapshotZxid))} durable and comes back with ${hex(durable.durableZxid)}`,
            );
        },
      };
    },
  },
  {
    name: 'leader-completeness',
    says: 'A new leader has everything that was committed in the epochs before its own.',
    watch(world) {
      return {
        onServing(member, role, epoch) {
          if (role !== 'leader') return;
          const { committed } = world;
          const isLate = isOver(world, epoch);
          const owed = isLate ? (committed.atOrBelow(epoch * EPOCH)?.zxid ?? 0) : committed.lastZxid;
          if (Math.max(member.durable.lastZxid, member.durable.snapshotZxid) < owed)
            world.violated(
              `server ${member.sid} leads epoch ${epoch} without ${hex(owed)}, which was committed`,
            );
          if (!isLate) requireSameHistory(world, member);
        },
      };
    },
  },
  {
    name: 'epochs-only-grow',
    says: 'On disk the accepted epoch is never below the current one, and neither ever decreases.',
    watch(world) {
      const seen = new Map<number, { accepted: number; current: number }>();
      return {
        onWiped: ({ sid }) => void seen.delete(sid),
        onEpoch({ sid, durable: { acceptedEpoch, currentEpoch } }) {
          const before = seen.get(sid) ?? { accepted: -1, current: -1 };
          if (
            acceptedEpoch < before.accepted ||
            currentEpoch < before.current ||
            currentEpoch > acceptedEpoch
          )
            world.violated(
              `server ${sid}: accepted ${before.accepted} to ${acceptedEpoch}, current ${before.current} to ${currentEpoch}`,
            );
          seen.set(sid, { accepted: acceptedEpoch, current: currentEpoch });
        },
      };
    },
  },
  {
    name: 'ack-after-sync',
    says: 'A learner acknowledges what is durable on its disk, and the history of a leader after its epoch.',
    watch(world) {
      return {
        onAcknowledged({ sid, durable }, zxid, isNewLeader) {
          if (isNewLeader) {
            if (durable.currentEpoch !== epochOf(zxid as never))
              world.violated(
                `server ${sid} acknowledges epoch ${epochOf(zxid as never)} with ${durable.currentEpoch} on its disk`,
              );
            // Of the epoch itself there may be some by now that came behind NEWLEADER: those have ACKs of their own.
            const before = durable.entries.findLast((entry) => entry.zxid < zxid)?.zxid ?? 0;
            if (before > durable.durableZxid)
              world.violated(`server ${sid} acknowledges an epoch before ${hex(before)} is durable`);
          } else if (zxid > durable.durableZxid)
            world.violated(
              `server ${sid} acknowledges ${hex(zxid)} with ${hex(durable.durableZxid)} on its disk`,
            );
        },
      };
    },
  },
  {
    name: 'true-votes',
    says: 'A server stands for an election with what its disk would give after a power cut, and with its current epoch.',
    watch(world) {
      return {
        onLooking({ sid, durable }, _tree, lastZxid, epoch) {
          if (lastZxid !== undefined && counterOf(lastZxid as never) !== 0 && lastZxid > durable.durableZxid)
            world.violated(
              `server ${sid} votes with ${hex(lastZxid)}, and has ${hex(durable.durableZxid)} on its disk`,
            );
          if (durable.currentEpoch >= 0 && epoch !== durable.currentEpoch)
            world.violated(
              `server ${sid} votes with epoch ${epoch}, and has ${durable.currentEpoch} on its disk`,
            );
        },
      };
    },
  },
  {
    name: 'primary-integrity',
    says: 'A leader has delivered all that was committed in epochs before its own when it broadcasts for the first time.',
    watch(world) {
      const begun = new Set<number>();
      return {
        onProposed({ sid, serving }, zxid) {
          const epoch = epochOf(zxid as never);
          if (begun.has(epoch)) return;
          begun.add(epoch);
          const before = world.committed.atOrBelow(epoch * EPOCH)?.zxid ?? 0;
          const delivered = serving?.tree.lastProcessedZxid ?? 0;
          if (delivered < before)
            world.violated(
              `server ${sid} broadcasts ${hex(zxid)} and has delivered ${hex(delivered)}, others ${hex(before)}`,
            );
        },
      };
    },
  },
  {
    name: 'no-service-without-a-leader',
    says: 'A leader that has lost its quorum, and a follower that has lost its leader, stop serving within their limits.',
    watch(world) {
      const fineAt = new Map<number, number>();
      return {
        onServing: ({ sid }) => void fineAt.set(sid, world.now()),
        onSample(member) {
          const { sid, isStopped, serving } = member;
          if (world.leaderlessMaxMs === undefined || serving === undefined) return;
          if (isStopped || hasLeadership(world, member)) fineAt.set(sid, world.now());
          const aloneMs = world.now() - (fineAt.get(sid) ?? 0);
          if (aloneMs > world.leaderlessMaxMs)
            world.violated(
              `server ${sid} serves as ${serving.role} of epoch ${serving.epoch}, for ${aloneMs.toFixed(0)} ms without ${serving.role === 'leader' ? 'a quorum' : 'a leader'}`,
            );
        },
      };
    },
  },
  {
    name: 'established-by-a-quorum',
    says: 'A leader serves once a quorum of voters has acknowledged its history and stored its epoch, observers not counted.',
    watch(world) {
      const acknowledged = new RecentMap<number, Set<number>>(EPOCHS_KEPT);
      return {
        onAcknowledged({ sid }, zxid, isNewLeader) {
          if (!isNewLeader) return;
          const epoch = epochOf(zxid as never);
          const sids = acknowledged.get(epoch) ?? new Set();
          acknowledged.set(epoch, sids.add(sid));
        },
        onServing({ sid }, role, epoch) {
          if (role !== 'leader') return;
          const { config } = world.committed;
          const sids = [sid, ...(acknowledged.get(epoch) ?? [])].filter((one) => config.voters.has(one));
          if (!config.containsQuorum(new Set(sids)))
            world.violated(
              `server ${sid} leads epoch ${epoch}, acknowledged by no more than ${sids.join(', ')}`,
            );
        },
      };
    },
  },
];

function hasLeadership({ members, committed }: WatchedWorld, { sid, serving }: MemberEvidence): boolean {
  const { role, epoch } = serving!;
  const inEpoch = [...members.values()].filter((one) => one.isUp && one.serving?.epoch === epoch);
  if (role !== 'leader') return inEpoch.some((one) => one.serving?.role === 'leader');
  const together = inEpoch.filter((one) => one.sid === sid || !one.isStopped).map((one) => one.sid);
  return committed.config.containsQuorum(new Set(together.filter((one) => committed.config.voters.has(one))));
}

function requireSameHistory(world: WatchedWorld, { sid, durable }: MemberEvidence): void {
  for (const { zxid, hash } of durable.entries) {
    const known = world.committed.find(zxid);
    if (known !== undefined ? known.hash !== hash : isForeign(world, zxid))
      world.violated(`server ${sid} serves with another ${hex(zxid)} in its log than was committed`);
  }
}

/**
 * A later epoch has committed something: a leader that stood still meanwhile may wake up with its quorum of before, and
 * propose to whoever still follows, but commits nothing any more.
 */
function isOver({ committed }: WatchedWorld, epoch: number): boolean {
  return committed.lastZxid >= (epoch + 1) * EPOCH;
}

/** Between two committed transactions, and none itself. */
function isForeign({ committed }: WatchedWorld, zxid: number): boolean {
  return zxid > committed.oldestKnown && zxid < committed.lastZxid;
}

function holdersOf(world: WatchedWorld, zxid: number, hash: number, config: QuorumConfig): Set<number> {
  const holders = new Set<number>();
  for (const { sid, durable } of world.members.values()) {
    if (!config.voters.has(sid)) continue;
    if (durable.snapshotZxid >= zxid || (durable.syncedZxid >= zxid && durable.find(zxid)?.hash === hash))
      holders.add(sid);
  }
  return holders;
}

function hex(zxid: number): string {
  return `0x${zxid.toString(16)}`;
}

const EPOCH = 0x1_0000_0000;
const EPOCHS_KEPT = 100;

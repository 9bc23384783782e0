import { counterOf, epochOf, type QuorumConfig, type Zxid } from '@corral/protocol';
import type { Invariant, WatchedWorld } from '../invariant.ts';

/** Of epochs, from the promise to the first leader that leads in one (A7 and its kin). */
export const epochInvariants: readonly Invariant[] = [
  {
    name: 'epoch-promised-first',
    says: 'Nobody stores an epoch as the current one before a quorum has accepted it on disk.',
    watch(world) {
      const configs: QuorumConfig[] = [world.committed.config];
      let newest = 0;
      return {
        onCommitted(_committed, _txn, _by, config) {
          if (config !== configs.at(-1)) configs.push(config);
        },
        onEpoch({ sid, durable: { currentEpoch } }) {
          if (currentEpoch <= newest) return;
          newest = currentEpoch;
          const promised = promisersOf(world, currentEpoch);
          // Who leads may not have heard of the last reconfiguration yet.
          if (!configs.slice(-2).some((config) => config.containsQuorum(promised)))
            world.violated(
              `server ${sid} stores epoch ${currentEpoch}, which is accepted on no more than ${[...promised].join(', ')}`,
            );
        },
      };
    },
  },
  {
    name: 'no-epoch-begun-alone',
    says: 'Who stands for an election with the beginning of an epoch had a quorum, or a leader, in that epoch.',
    watch(world) {
      const led = new Set<number>();
      return {
        onServing(_member, role, epoch) {
          if (role === 'leader') led.add(epoch);
        },
        onLooking({ sid }, _tree, lastZxid) {
          if (lastZxid === undefined || lastZxid <= 0 || counterOf(lastZxid as Zxid) !== 0) return;
          const epoch = epochOf(lastZxid as Zxid);
          if (!led.has(epoch))
            world.violated(`server ${sid} votes with the beginning of epoch ${epoch}, which nobody has led`);
        },
      };
    },
  },
];

function promisersOf({ members }: WatchedWorld, epoch: number): Set<number> {
  const promised = new Set<number>();
  for (const { sid, durable } of members.values()) if (durable.acceptedEpoch >= epoch) promised.add(sid);
  return promised;
}

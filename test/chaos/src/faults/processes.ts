import { type Arena, later } from '../arena.ts';
import type { Member } from '../member.ts';
import type { Fault } from './fault.ts';

async function killed(arena: Arena, members: readonly Member[]): Promise<void> {
  arena.note(`kill -9 ${members.map(({ sid }) => sid).join(', ')}`);
  await Promise.all(members.map((member) => member.kill()));
  arena.count('kills', members.length);
  await Promise.all(
    members.map(async (member) => {
      await later(awayMs(arena));
      await arena.giveBack(member);
    }),
  );
}

export const kill: Fault = {
  name: 'kill',
  needs: [],
  weight: 15,
  async run(arena) {
    const members = arena.take(1);
    if (members !== undefined) await killed(arena, members);
  },
};

export const leaderKill: Fault = {
  name: 'leader-kill',
  needs: [],
  weight: 11,
  async run(arena) {
    const leader = await arena.takeLeader();
    if (leader !== undefined) await killed(arena, [leader]);
  },
};

export const killAll: Fault = {
  name: 'kill-all',
  needs: [],
  weight: 1,
  async run(arena) {
    const members = arena.take(arena.members.length);
    if (members !== undefined) await killed(arena, members);
  },
};

export const restart: Fault = {
  name: 'restart',
  needs: [],
  weight: 2,
  async run(arena) {
    const member = arena.take(1)?.[0];
    if (member !== undefined) await restarted(arena, member);
  },
};

/** One after another, as an operator does it. */
export const rollingRestart: Fault = {
  name: 'rolling-restart',
  needs: [],
  weight: 0.7,
  async run(arena) {
    for (const next of arena.members) {
      const member = arena.take(1, (one) => one === next)?.[0];
      if (member !== undefined) await restarted(arena, member);
    }
  },
};

async function restarted(arena: Arena, member: Member): Promise<void> {
  arena.note(`SIGTERM ${member.sid}`);
  if (!(await member.stop())) arena.trouble(`${member.name} did not heed SIGTERM`);
  arena.count('restarts');
  await arena.giveBack(member);
}

/** Some pauses are short; some are longer than the others have patience. */
export const pause: Fault = {
  name: 'pause',
  needs: [],
  weight: 8,
  async run(arena) {
    const member = arena.dice.chance(0.4) ? await arena.takeLeader() : arena.take(1)?.[0];
    if (member === undefined) return;
    const ms = arena.dice.chance(0.5)
      ? arena.dice.between(100, 1500)
      : arena.dice.between(2500, PAUSE_MAX_MS);
    arena.note(`SIGSTOP ${member.sid} for ${ms} ms`);
    member.pause();
    arena.count('pauses');
    await later(ms);
    member.resume();
    await arena.giveBack(member);
  },
};

export const PAUSE_MAX_MS = 7000;

/** Mostly short: as soon as a supervisor would start it again. Sometimes the leader's memory does not reach back so far. */
export function awayMs(arena: Arena): number {
  return arena.dice.chance(0.7) ? arena.dice.between(0, 1500) : arena.dice.between(2000, 9000);
}

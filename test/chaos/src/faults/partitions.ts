import { type Arena, later } from '../arena.ts';
import type { End } from '../machine/network.ts';
import type { Member } from '../member.ts';
import type { Fault } from './fault.ts';

/** A direction in which nothing arrives. */
type Cut = readonly [from: End, to: End];

/** Cuts, waits, heals, and gives back whom it had taken. */
async function cutFor(
  arena: Arena,
  what: string,
  taken: readonly Member[],
  cuts: readonly Cut[],
): Promise<void> {
  const network = arena.network!;
  const ms = arena.dice.chance(0.3) ? arena.dice.between(300, 1500) : arena.dice.between(2000, 8000);
  arena.note(`${what} for ${ms} ms: ${cuts.map(([from, to]) => `${from}-x->${to}`).join(' ')}`);
  arena.count('partitions');
  try {
    await Promise.all(cuts.map(([from, to]) => network.cut(from, to)));
    await later(ms);
  } finally {
    await Promise.all(cuts.map(([from, to]) => network.heal(from, to)));
    arena.note(`${what}: healed`);
  }
  await Promise.all(taken.map((member) => arena.giveBack(member)));
}

function both(one: End, other: End): Cut[] {
  return [
    [one, other],
    [other, one],
  ];
}

function others(arena: Arena, members: readonly Member[]): readonly Member[] {
  return arena.members.filter((member) => !members.includes(member));
}

/** A minority and the rest do not hear each other. Half of the time their clients do not hear the minority either. */
export const split: Fault = {
  name: 'split',
  needs: ['network'],
  weight: 3,
  async run(arena) {
    const few = arena.take(arena.dice.between(1, arena.minority));
    if (few === undefined) return;
    const cuts = few.flatMap((one) => others(arena, few).flatMap((other) => both(one.sid, other.sid)));
    if (arena.dice.chance(0.5)) cuts.push(...few.flatMap(({ sid }) => both(sid, 'clients')));
    await cutFor(arena, 'split', few, cuts);
  },
};

/** The leader hears no other member, and its clients still hear it: what it promises then nobody must believe. */
export const leaderIsolation: Fault = {
  name: 'leader-isolation',
  needs: ['network'],
  weight: 2,
  async run(arena) {
    const leader = await arena.takeLeader();
    if (leader === undefined) return;
    const cuts = others(arena, [leader]).flatMap((other) => both(leader.sid, other.sid));
    await cutFor(arena, 'leader isolated', [leader], cuts);
  },
};

/** Everybody on its own. */
export const shatter: Fault = {
  name: 'shatter',
  needs: ['network'],
  weight: 0.5,
  async run(arena) {
    const all = arena.take(arena.members.length);
    if (all === undefined) return;
    const cuts = all.flatMap((one) => others(arena, [one]).map((other): Cut => [one.sid, other.sid]));
    await cutFor(arena, 'shattered', all, cuts);
  },
};

/** Two do not hear each other; everybody else hears both. */
export const pair: Fault = {
  name: 'pair',
  needs: ['network'],
  weight: 2,
  async run(arena) {
    const members = arena.take(1);
    if (members === undefined) return;
    const other = arena.dice.pick(others(arena, members));
    await cutFor(arena, 'pair', members, both(members[0]!.sid, other.sid));
  },
};

/** One is not heard by the others, or does not hear them; or one of the others only. */
export const oneWay: Fault = {
  name: 'one-way',
  needs: ['network'],
  weight: 3,
  async run(arena) {
    const { dice } = arena;
    const members = dice.chance(0.4) ? [await arena.takeLeader()] : arena.take(1);
    const member = members?.[0];
    if (member === undefined) return;
    const rest = others(arena, [member]);
    const far = dice.chance(0.5) ? rest : [dice.pick(rest)];
    const isMute = dice.chance(0.5);
    const cuts = far.map(({ sid }): Cut => (isMute ? [member.sid, sid] : [sid, member.sid]));
    await cutFor(arena, 'one way', [member], cuts);
  },
};

/** Two halves that do not hear each other, and one member that hears both. */
export const bridge: Fault = {
  name: 'bridge',
  needs: ['network'],
  weight: 2,
  async run(arena) {
    const few = arena.take(arena.minority);
    if (few === undefined) return;
    const rest = others(arena, few);
    const between = arena.dice.pick(rest);
    const cuts = few.flatMap((one) =>
      rest.filter((other) => other !== between).flatMap((other) => both(one.sid, other.sid)),
    );
    await cutFor(arena, `bridge ${between.sid}`, few, cuts);
  },
};

/** Clients do not reach a member, or do not hear it, who is well otherwise: their sessions move. */
export const clientsCut: Fault = {
  name: 'clients-cut',
  needs: ['network'],
  weight: 2,
  async run(arena) {
    const member = arena.take(1)?.[0];
    if (member === undefined) return;
    const directions = both(member.sid, 'clients');
    const cuts = arena.dice.chance(0.5) ? directions : [arena.dice.pick(directions)];
    await cutFor(arena, 'clients cut', [member], cuts);
  },
};

import { later } from '../arena.ts';
import type { Fault } from './fault.ts';

/** A wall clock jumps, forth or back, by seconds or by a year; and is set right again, which is another jump. */
export const clockJump: Fault = {
  name: 'clock-jump',
  needs: ['shim'],
  weight: 3,
  async run(arena) {
    const { dice } = arena;
    const member = dice.chance(0.4) ? await arena.takeLeader() : arena.take(1)?.[0];
    if (member?.shim === undefined) return;
    const ms =
      dice.pick([1, -1]) *
      dice.weighted([
        [1, 500],
        [2, 30_000],
        [2, 3_600_000],
        [2, YEAR_MS],
      ]);
    arena.note(`clock jump ${member.sid} by ${ms} ms`);
    arena.count('clock jumps', 2);
    member.shim.setClock(ms);
    await later(dice.between(2000, 8000));
    member.shim.setClock(0);
    await arena.giveBack(member);
  },
};

const YEAR_MS = 365 * 86_400_000;

import { describe, expect, it } from 'vitest';
import { Roster, type Rostered } from './roster.ts';

describe('a roster', () => {
  it('has who was added and not deleted', () => {
    const roster = new Roster<Member>();
    const [a, b, c] = [new Member('a'), new Member('b'), new Member('c')];
    for (const member of [a, b, c]) roster.add(member);

    expect(roster.delete(b)).toBe(true);

    expect(roster.size).toBe(2);
    expect(namesIn(roster)).toEqual(['a', 'c']);
    expect([a, b, c].map((member) => roster.has(member))).toEqual([true, false, true]);
  });

  it('says who was not there to be deleted, be it in another roster', () => {
    const [roster, other] = [new Roster<Member>(), new Roster<Member>()];
    const [ours, theirs] = [new Member('ours'), new Member('theirs')];
    roster.add(ours);
    other.add(theirs);

    expect(roster.delete(theirs)).toBe(false);
    expect(roster.delete(new Member('nobody'))).toBe(false);
    expect(roster.delete(ours)).toBe(true);
    expect(roster.delete(ours)).toBe(false);
    expect(roster.size).toBe(0);
    expect(namesIn(other)).toEqual(['theirs']);
  });

  it('takes no more room than there were ever members at once', () => {
    const roster = new Roster<Member>();
    const stays = new Member('stays');
    roster.add(stays);
    for (let i = 0; i < 1000; i++) {
      const passing = new Member(`${i}`);
      roster.add(passing);
      expect(passing.slot).toBeLessThan(2);
      roster.delete(passing);
    }
    expect(namesIn(roster)).toEqual(['stays']);
  });

  it('meets once who is there all the time, while others come and go under the walk', () => {
    const roster = new Roster<Member>();
    const members = Array.from({ length: 10 }, (_, i) => new Member(`${i}`));
    for (const member of members) roster.add(member);
    const met: string[] = [];

    for (const member of roster) {
      met.push(member.name);
      const index = Number(member.name);
      if (index % 3 === 0 && index < 10) {
        roster.delete(member);
        roster.add(new Member(`${index + 10}`));
      }
    }

    expect(met.toSorted()).toEqual(expect.arrayContaining(['1', '2', '4', '5', '7', '8']));
    expect(new Set(met).size).toBe(met.length);
    expect(roster.size).toBe(10);
  });
});

class Member implements Rostered {
  readonly name: string;
  slot = -1;

  constructor(name: string) {
    this.name = name;
  }
}

function namesIn(roster: Roster<Member>): string[] {
  return [...roster].map(({ name }) => name);
}

import { toZxid } from '@corral/protocol';
import { expect, it } from 'vitest';
import { ProposalTimes } from './proposal-times.ts';

it('knows when a proposal was made, and nothing of others', () => {
  const times = new ProposalTimes();
  times.note(toZxid(7), 100);

  expect([times.of(7), times.of(8), times.of(7 + 4096)]).toEqual([100, undefined, undefined]);
});

it('forgets what many later ones have come after', () => {
  const times = new ProposalTimes();
  for (let zxid = 1; zxid <= 5000; zxid++) times.note(toZxid(zxid), zxid);

  expect([times.of(904), times.of(905), times.of(5000)]).toEqual([undefined, 905, 5000]);
  expect(times.first(0, 5000)).toBe(905);
  expect(times.first(4998, 5000)).toBe(4999);
});

import { describe, expect, it } from 'vitest';
import { shuffledWithinFamilies } from './lookup.ts';

const addresses = [
  { address: '::1', family: 6 },
  { address: '10.0.0.1', family: 4 },
  { address: '10.0.0.2', family: 4 },
  { address: '10.0.0.3', family: 4 },
  { address: '::2', family: 6 },
];

describe('the addresses of one name', () => {
  it('are tried in another order by everybody, with the families where the system has put them', () => {
    const last = shuffledWithinFamilies(addresses, (bound) => bound - 1);
    const first = shuffledWithinFamilies(addresses, () => 0);

    expect(first).toEqual(addresses);
    expect(last.map(({ address }) => address)).toEqual(['::2', '10.0.0.3', '10.0.0.2', '10.0.0.1', '::1']);
  });
});

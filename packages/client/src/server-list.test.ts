import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { ServerList } from './server-list.ts';

const servers = ['a', 'b', 'c', 'd'].map((host) => ({ host, port: 2181 }));

describe('a list of servers', () => {
  it('goes round and round in an order that differs between clients', () => {
    const orders = Array.from({ length: 20 }, (_, seed) => {
      const list = new ServerList(servers, new SimulatedRandom(seed));
      return Array.from({ length: 8 }, () => list.next().host);
    });

    for (const order of orders) {
      expect(order.slice(0, 4).toSorted()).toEqual(['a', 'b', 'c', 'd']);
      expect(order.slice(4)).toEqual(order.slice(0, 4));
    }
    expect(new Set(orders.map(String)).size).toBeGreaterThan(5);
  });

  it('begins with the one that is preferred', () => {
    const list = new ServerList(servers, new SimulatedRandom(1));
    list.prefer({ host: 'c', port: 2181 });
    list.prefer({ host: 'z', port: 2181 });

    expect(list.next().host).toBe('c');
  });

  it('may be replaced, and says whether the current one is still in it', () => {
    const list = new ServerList(servers, new SimulatedRandom(1));

    expect(list.replace(servers.slice(0, 1), servers[0])).toBe(true);
    expect(list.replace(servers.slice(1), servers[0])).toBe(false);
    expect(list.size).toBe(3);
  });
});

import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { type ServerAddress, ServerList } from './server-list.ts';

const servers = ['a', 'b', 'c', 'd'].map((host) => ({ host, port: 2181 }));

describe('a list of servers', () => {
  it('goes round and round in an order that differs between clients', () => {
    const orders = Array.from({ length: 20 }, (_, seed) => orderOf(servers, seed, 8));

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

  it('goes by priority, and among equals by weight, as SRV records rank them', () => {
    const ranked: ServerAddress[] = [
      { host: 'spare', port: 1, priority: 20, weight: 100 },
      { host: 'light', port: 1, priority: 10, weight: 10 },
      { host: 'heavy', port: 1, priority: 10, weight: 90 },
    ];

    const orders = Array.from({ length: 1000 }, (_, seed) => orderOf(ranked, seed, 3));

    expect(orders.every((order) => order[2] === 'spare')).toBe(true);
    const heavyFirst = orders.filter((order) => order[0] === 'heavy').length;
    expect(heavyFirst).toBeGreaterThan(850);
    expect(heavyFirst).toBeLessThan(950);
  });

  it('knows when all have had their turn', () => {
    const list = new ServerList(servers.slice(0, 2), new SimulatedRandom(1));

    expect(list.isRoundOver).toBe(true);
    list.next();
    expect(list.isRoundOver).toBe(false);
    list.next();
    expect(list.isRoundOver).toBe(true);
  });
});

describe('a list of servers that changes', () => {
  it.each([
    ['grows', 'abc', 'abcde'],
    ['shrinks', 'abcde', 'abc'],
    ['is replaced', 'abc', 'xyz'],
    ['is partly replaced', 'abc', 'cxy'],
    ['shrinks and is partly replaced', 'abcde', 'dxy'],
    ['grows and is partly replaced', 'abc', 'bcxyz'],
    ['stays', 'abc', 'abc'],
  ])('that %s leaves all servers with as many clients as they had', (_, before, after) => {
    const clients = 30_000;
    const counts = new Map(Array.from(after, (host) => [host, 0]));
    let moved = 0;
    for (let i = 0; i < clients; i++) {
      const current = { host: before[i % before.length]!, port: 2181 };
      const list = new ServerList(serversOf(before), new SimulatedRandom(i));
      const isLeaving = list.rebalance(serversOf(after), current);
      const host = isLeaving ? list.next().host : current.host;
      counts.set(host, counts.get(host)! + 1);
      if (isLeaving) moved++;
    }

    const fair = clients / after.length;
    for (const count of counts.values()) expect(Math.abs(count - fair) / fair).toBeLessThan(0.06);
    const kept = Array.from(before).filter((host) => after.includes(host)).length;
    const needed = 1 - kept / Math.max(before.length, after.length);
    expect(moved / clients).toBeLessThan(needed + 0.02);
  });

  it('asks nobody to move who is connected to nobody', () => {
    const list = new ServerList(servers, new SimulatedRandom(1));

    expect(list.rebalance(servers.slice(0, 1), undefined)).toBe(false);
    expect(list.size).toBe(1);
  });
});

function orderOf(list: readonly ServerAddress[], seed: number, count: number): string[] {
  const ordered = new ServerList(list, new SimulatedRandom(seed));
  return Array.from({ length: count }, () => ordered.next().host);
}

function serversOf(hosts: string): ServerAddress[] {
  return Array.from(hosts, (host) => ({ host, port: 2181 }));
}

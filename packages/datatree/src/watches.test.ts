import {
  Acl,
  CreateRequest,
  EventType,
  OpCode,
  OPEN_ACL_UNSAFE,
  WatcherType,
  type Zxid,
} from '@corral/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { open, Replica } from '../test/replica.ts';
import { type WatchEvent, type WatchKind, Watches } from './index.ts';

interface Client {
  readonly name: string;
  readonly heard: string[];
}

const NAMES: Record<number, string> = { 1: 'created', 2: 'deleted', 3: 'changed', 4: 'children' };
const KINDS: readonly WatchKind[] = ['data', 'child', 'persistent', 'persistentRecursive'];
const TYPES: Record<WatchKind, number> = {
  data: WatcherType.Data,
  child: WatcherType.Children,
  persistent: WatcherType.Persistent,
  persistentRecursive: WatcherType.PersistentRecursive,
};

let watches: Watches<Client>;
let events: WatchEvent[];
let replica: Replica;
let alice: Client;
let bob: Client;

beforeEach(() => {
  events = [];
  watches = new Watches((client, event) => {
    client.heard.push(`${NAMES[event.type]} ${event.path}`);
    events.push(event);
  });
  replica = new Replica();
  replica.create('/a');
  replica.create('/a/b');
  replica.observer = watches;
  alice = { name: 'alice', heard: [] };
  bob = { name: 'bob', heard: [] };
});

describe('one watch', () => {
  /** What each kind of watch on /a/b hears of each change, and whether it is still there afterwards. */
  const CHANGES: readonly [string, () => void, Record<WatchKind, readonly string[]>][] = [
    [
      'setData of the node',
      () => replica.setData('/a/b', 'x'),
      {
        data: ['changed /a/b'],
        child: [],
        persistent: ['changed /a/b'],
        persistentRecursive: ['changed /a/b'],
      },
    ],
    [
      'delete of the node',
      () => replica.delete('/a/b'),
      {
        data: ['deleted /a/b'],
        child: ['deleted /a/b'],
        persistent: ['deleted /a/b'],
        persistentRecursive: ['deleted /a/b'],
      },
    ],
    [
      'create of a child',
      () => replica.create('/a/b/c'),
      {
        data: [],
        child: ['children /a/b'],
        persistent: ['children /a/b'],
        persistentRecursive: ['created /a/b/c'],
      },
    ],
    [
      'setACL of the node',
      () => replica.setAcl('/a/b', open()),
      { data: [], child: [], persistent: [], persistentRecursive: [] },
    ],
    [
      'setData of the parent',
      () => replica.setData('/a', 'x'),
      { data: [], child: [], persistent: [], persistentRecursive: [] },
    ],
    [
      'create of a sibling',
      () => replica.create('/a/bb'),
      { data: [], child: [], persistent: [], persistentRecursive: [] },
    ],
  ];

  describe.each(CHANGES)('at %s', (_what, change, heard) => {
    test.each(KINDS)('of kind %s', (kind) => {
      watches.add(alice, '/a/b', kind);
      change();
      expect(alice.heard).toEqual(heard[kind]);
      const isSpent = heard[kind].length > 0 && (kind === 'data' || kind === 'child');
      expect(watches.has(alice, '/a/b', TYPES[kind])).toBe(!isSpent);
    });
  });

  test.each(KINDS)('of kind %s on a node that is not there waits for it', (kind) => {
    watches.add(alice, '/new', kind);
    replica.create('/new');
    expect(alice.heard).toEqual(kind === 'child' ? [] : ['created /new']);
  });

  test.each(KINDS)('of kind %s is heard of once or for ever', (kind) => {
    watches.add(alice, '/a/b', kind);
    replica.setData('/a/b', '1');
    replica.setData('/a/b', '2');
    expect(alice.heard.length).toBe({ data: 1, child: 0, persistent: 2, persistentRecursive: 2 }[kind]);
  });

  test('recursive hears of all below, but never that children changed', () => {
    watches.add(alice, '/', 'persistentRecursive');
    replica.create('/a/b/c');
    replica.setData('/a/b/c', 'x');
    replica.delete('/a/b/c');
    replica.setData('/', 'x');
    expect(alice.heard).toEqual(['created /a/b/c', 'changed /a/b/c', 'deleted /a/b/c', 'changed /']);
  });

  test('on the root hears of its children', () => {
    watches.add(alice, '/', 'child');
    replica.create('/new');
    expect(alice.heard).toEqual(['children /']);
  });
});

describe('two watches of one connection on one path', () => {
  const pairs = KINDS.flatMap((one) => KINDS.map((other): [WatchKind, WatchKind] => [one, other]));

  test.each(pairs)('%s and %s tell of a deletion once', (one, other) => {
    watches.add(alice, '/a/b', one);
    watches.add(alice, '/a/b', other);
    replica.delete('/a/b');
    expect(alice.heard).toEqual(['deleted /a/b']);
  });

  test.each(pairs)('%s and %s do not disturb each other: removing one leaves the other', (one, other) => {
    watches.add(alice, '/a/b', one);
    watches.add(alice, '/a/b', other);
    expect(watches.remove(alice, '/a/b', TYPES[one])).toBe(true);
    expect(watches.remove(alice, '/a/b', TYPES[one])).toBe(false);
    expect(watches.has(alice, '/a/b', TYPES[other])).toBe(one !== other);
    expect(watches.has(alice, '/a/b', WatcherType.Any)).toBe(one !== other);
  });

  test.each(pairs)('%s and %s hear what each alone would hear, nothing twice', (one, other) => {
    const alone = (kind: WatchKind): string[] => {
      const client: Client = { name: kind, heard: [] };
      watches.add(client, '/a/b', kind);
      return client.heard;
    };
    const expected = [alone(one), alone(other)];
    watches.add(alice, '/a/b', one);
    watches.add(alice, '/a/b', other);
    replica.setData('/a/b', '1');
    replica.create('/a/b/c');
    replica.delete('/a/b/c');
    replica.delete('/a/b');
    expect(alice.heard.toSorted()).toEqual(union(expected[0]!, expected[1]!));
  });

  test.each(pairs)('%s below %s: the ancestor hears by itself, once', (one, other) => {
    watches.add(alice, '/a/b', one);
    watches.add(alice, '/a', other);
    replica.setData('/a/b', 'x');
    const expected = one !== 'child' || other === 'persistentRecursive' ? ['changed /a/b'] : [];
    expect(alice.heard).toEqual(expected);
  });
});

describe('several connections', () => {
  test('hear the same event, one object for all', () => {
    const clients = Array.from({ length: 500 }, (_, i): Client => ({ name: `${i}`, heard: [] }));
    for (const client of clients) watches.add(client, '/a', 'data');
    replica.setData('/a', 'x');
    expect(clients.every((client) => client.heard.length === 1)).toBe(true);
    expect(new Set(events).size).toBe(1);
    expect(watches.count).toBe(0);
  });

  test("do not spend each other's watches", () => {
    watches.add(alice, '/a', 'persistent');
    watches.add(bob, '/a', 'data');
    replica.setData('/a', '1');
    replica.setData('/a', '2');
    expect([alice.heard.length, bob.heard.length]).toEqual([2, 1]);
  });
});

test('events come in the order of the changes: of a delete the node before its parent', () => {
  for (const path of ['/a/b', '/a']) watches.add(alice, path, 'persistent');
  replica.delete('/a/b');
  replica.create('/a/b');
  expect(alice.heard).toEqual(['deleted /a/b', 'children /a', 'created /a/b', 'children /a']);
});

test("an event carries the zxid, and the list that says who may read: the node's, or the parent's for children", () => {
  const secret = [new Acl(31, 'digest', 'x:y')];
  watches.add(alice, '/a', 'persistentRecursive');
  watches.add(bob, '/a', 'child');
  replica.create('/a/s', null, 0, {}, secret);
  const zxid = replica.tree.lastProcessedZxid;
  expect(events.map((event) => [event.type, event.zxid, event.acl])).toEqual([
    [EventType.NodeCreated, zxid, secret],
    [EventType.NodeChildrenChanged, zxid, OPEN_ACL_UNSAFE],
  ]);
  replica.delete('/a/s');
  expect(events[2]).toMatchObject({ type: EventType.NodeDeleted, acl: secret });
});

test('a failed multi tells nobody anything', () => {
  watches.add(alice, '/', 'persistentRecursive');
  replica.multi([
    { type: OpCode.create, record: new CreateRequest('/x', null, open(), 0) },
    { type: OpCode.create, record: new CreateRequest('/nowhere/x', null, open(), 0) },
  ]);
  expect(alice.heard).toEqual([]);
});

describe('setWatches', () => {
  const lists = { data: [], exist: [], child: [], persistent: [], persistentRecursive: [] };
  let since: Zxid;

  beforeEach(() => {
    since = replica.tree.lastProcessedZxid;
    replica.create('/came', null);
    replica.setData('/a', 'x');
    replica.create('/a/new');
  });

  test('tells what was missed and registers the rest', () => {
    const { tree } = replica;
    watches.restore(alice, tree, since, { ...lists, data: ['/gone', '/a', '/a/b', null] });
    watches.restore(alice, tree, since, { ...lists, exist: ['/came', '/gone', null] });
    watches.restore(alice, tree, since, { ...lists, child: ['/gone', '/a', '/a/b', null] });
    expect(alice.heard).toEqual([
      'deleted /gone',
      'changed /a',
      'created /came',
      'deleted /gone',
      'children /a',
    ]);
    expect(events.every((event) => event.zxid === -1 && event.acl === undefined)).toBe(true);
    expect(listed(watches.byConnection())).toEqual([[alice, ['/a/b', '/gone']]]);
    expect(watches.has(alice, '/a/b', WatcherType.Children)).toBe(true);
    expect(watches.count).toBe(3);
  });

  test('never replays for persistent watches', () => {
    watches.restore(alice, replica.tree, since, {
      ...lists,
      persistent: ['/a', '/gone'],
      persistentRecursive: ['/'],
    });
    expect(alice.heard).toEqual([]);
    expect(watches.has(alice, '/gone', WatcherType.Persistent)).toBe(true);
    expect(watches.has(alice, '/', WatcherType.PersistentRecursive)).toBe(true);
  });
});

describe('looking and counting', () => {
  test('a type that is none is not there', () => {
    watches.add(alice, '/a', 'persistent');
    expect(watches.has(alice, '/a', 0)).toBe(false);
    expect(watches.remove(alice, '/a', 6)).toBe(false);
    expect(watches.has(bob, '/a', WatcherType.Any)).toBe(false);
  });

  test("counts pairs of path and connection in both of Apache's tables, and shows one of them", () => {
    watches.add(alice, '/a', 'data');
    watches.add(alice, '/a', 'child');
    watches.add(bob, '/a', 'persistent');
    watches.add(bob, '/b', 'child');
    watches.add(bob, '/c', 'persistentRecursive');
    expect(watches.count).toBe(6);
    expect(watches.countOf(bob)).toBe(3);
    expect(watches.summary()).toEqual({ connections: 2, paths: 2, watches: 3 });
    expect(listed(watches.byPath())).toEqual([
      ['/a', [alice, bob]],
      ['/c', [bob]],
    ]);
    expect(listed(watches.byConnection())).toEqual([
      [alice, ['/a']],
      [bob, ['/a', '/c']],
    ]);
  });

  test('the figures are at hand, whatever was added, spent and removed', () => {
    const clients = Array.from({ length: 20 }, (_, i): Client => ({ name: `${i}`, heard: [] }));
    for (const [i, client] of clients.entries()) {
      watches.add(client, '/a', KINDS[i % 4]!);
      watches.add(client, `/own/${i}`, KINDS[(i + 1) % 4]!);
      watches.add(client, '/a/b', KINDS[(i >> 2) % 4]!);
    }
    const check = (): void => {
      const [connections, paths] = [listed(watches.byConnection()), listed(watches.byPath())];
      expect(watches.summary()).toEqual({
        connections: connections.length,
        paths: paths.length,
        watches: paths.reduce((sum, [, of]) => sum + of.length, 0),
      });
    };
    check();
    replica.setData('/a', 'x');
    check();
    replica.delete('/a/b');
    check();
    for (const client of clients) {
      watches.remove(client, '/a', WatcherType.PersistentRecursive);
      check();
      watches.removeAll(client);
      check();
    }
    expect(watches.summary()).toEqual({ connections: 0, paths: 0, watches: 0 });
  });

  test('a list is made while it is walked: watches may come and go, those that stay are met once', () => {
    const paths = Array.from({ length: 10 }, (_, i) => `/w${i}`);
    for (const path of paths) watches.add(alice, path, 'data');
    const met: string[] = [];

    for (const [connection, watched] of watches.byConnection()) {
      for (const path of watched) {
        met.push(path);
        watches.remove(alice, '/w7', WatcherType.Any);
        if (path !== '/w3') watches.remove(connection, path, WatcherType.Any);
        watches.add(alice, path, 'data');
        watches.add(alice, `${path}/more`, 'data');
      }
    }

    expect(met.slice(0, 9)).toEqual(paths.filter((path) => path !== '/w7'));
    expect(met.length).toBe(10);
  });

  test('a list by path, too, also where the path in hand loses its last watch', () => {
    for (const path of ['/a', '/b', '/c']) watches.add(alice, path, 'data');
    watches.add(bob, '/a', 'data');
    const met: [string, Client[]][] = [];

    for (const [path, connections] of watches.byPath()) {
      if (path === '/b') watches.remove(alice, '/b', WatcherType.Data);
      met.push([path, [...connections]]);
      watches.removeAll(bob);
    }

    expect(met).toEqual([
      ['/a', [alice, bob]],
      ['/b', []],
      ['/c', [alice]],
    ]);
  });

  test('the same watch twice is one', () => {
    for (let i = 0; i < 3; i++) watches.add(alice, '/a', 'persistentRecursive');
    expect(watches.count).toBe(1);
    watches.removeAll(alice);
    replica.create('/a/x');
    expect(alice.heard).toEqual([]);
  });
});

test("tells how many each event met, in each of Apache's tables", () => {
  const met: [string, number][] = [];
  const counting = new Watches<Client>(
    () => {},
    (type, count) => met.push([NAMES[type]!, count]),
  );
  replica.observer = counting;
  counting.add(alice, '/a/b', 'data');
  counting.add(alice, '/a/b', 'child');
  counting.add(bob, '/a/b', 'persistent');
  counting.add(bob, '/', 'persistentRecursive');
  counting.add(alice, '/a', 'child');

  replica.create('/a/x');
  replica.setData('/a/b', 'x');
  replica.setData('/zookeeper', 'x');
  replica.delete('/a/b');

  expect(met).toEqual([
    ['created', 1],
    ['children', 1],
    ['changed', 2],
    ['changed', 1],
    ['deleted', 1],
    ['deleted', 2],
  ]);
});

test('when ten thousand connections have died nothing of their watches is left', () => {
  const clients = Array.from({ length: 10_000 }, (_, i): Client => ({ name: `${i}`, heard: [] }));
  for (const [i, client] of clients.entries()) {
    watches.add(client, '/a', KINDS[i % 4]!);
    watches.add(client, `/own/${i}`, 'data');
    watches.add(client, `/shared/${i % 100}`, 'persistent');
  }
  replica.setData('/a', 'x');
  for (const client of clients) watches.removeAll(client);
  expect(watches.count).toBe(0);
  expect(watches.summary()).toEqual({ connections: 0, paths: 0, watches: 0 });
});

function listed<K, V>(entries: Iterable<readonly [K, Iterable<V>]>): [K, V[]][] {
  return Array.from(entries, ([key, values]) => [key, [...values]]);
}

/** What is in either, as often as where it is more often. */
function union(one: readonly string[], other: readonly string[]): string[] {
  const more = [...other];
  for (const event of one) if (more.includes(event)) more.splice(more.indexOf(event), 1);
  return [...one, ...more].toSorted();
}

import { type Client, utf8 } from '@corral/client';
import {
  atomicLong,
  barrier,
  discovery,
  doubleBarrier,
  joinGroup,
  kazooLockingQueue,
  leaderLatch,
  leaderSelector,
  type Lock,
  mutex,
  partition,
  priorityQueue,
  queue,
  type Queue,
  queueShards,
  readWriteLock,
  semaphore,
  sharedCount,
  simpleQueue,
  timedLease,
} from '@corral/recipes';
import { setTimeout } from 'node:timers/promises';

/** How often each takes its turn. */
export const ROUNDS = 15;

/** One recipe that several programs have. */
export interface Scenario {
  readonly name: string;
  /** The others; each does the same in its own language. */
  readonly with: readonly ('java' | 'python')[];
  /** Nodes below the scenario's own that are there when it begins. */
  readonly nodes?: Readonly<Record<string, string>>;
  /** What two of ours do, each with a session of its own. The number is 0 or 1. */
  readonly takePart: (zk: Client, number: number) => Promise<void>;
  /** What must have come of it, when everybody is done. */
  readonly check?: (zk: Client) => Promise<void>;
}

const JAVA = ['java'] as const;
const PYTHON = ['python'] as const;
const ALL = ['java', 'python'] as const;

/** A set to be shared out among three. */
const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

/** Ours are two in most of them. */
const OURS = 2;

export const scenarios: readonly Scenario[] = [
  counting('lock', ALL, (zk, folder) => underLock(zk, folder, mutex(zk, `${folder}/path`))),
  counting('kazoo-lock', PYTHON, (zk, folder) => underLock(zk, folder, mutex(zk, `${folder}/path`))),
  counting('read-write-lock', JAVA, (zk, folder) => underReadWriteLock(zk, folder, 'curator')),
  counting('kazoo-read-write-lock', PYTHON, (zk, folder) => underReadWriteLock(zk, folder, 'kazoo')),
  counting('election', ALL, inElection),
  counting('latch', JAVA, withLatch),
  {
    name: 'semaphore',
    with: JAVA,
    nodes: { insides: '' },
    takePart: async (zk) => {
      for (let round = 0; round < ROUNDS; round++) {
        await using permit = await semaphore(zk, '/semaphore/path', 2).acquire({ timeoutMs: 40_000 });
        const { path } = await zk.create('/semaphore/insides/n-', '', {
          mode: 'ephemeral',
          sequential: true,
        });
        const { names } = await zk.children('/semaphore/insides');
        if (names.length > 2) throw new Error(`${names.length} inside, with ${permit.path}`);
        await zk.delete(path);
      }
    },
  },
  {
    name: 'barrier',
    with: ALL,
    nodes: { waiting: '', path: '' },
    takePart: async (zk, number) => {
      if (number === 0) {
        while ((await zk.children('/barrier/waiting')).names.length < 3) await setTimeout(10);
        // The others are at the barrier by now, or about to be: either way they must not pass before it is lifted.
        await setTimeout(100);
        await zk.create('/barrier/lifted');
        return barrier(zk, '/barrier/path').lift();
      }
      await zk.create('/barrier/waiting/typescript');
      await barrier(zk, '/barrier/path').wait({ timeoutMs: 40_000 });
      if ((await zk.exists('/barrier/lifted')) === null) throw new Error('passed before it was lifted');
    },
  },
  {
    name: 'double-barrier',
    with: ALL,
    nodes: { came: '', leaving: '' },
    takePart: async (zk, number) => {
      if (number > 0) return;
      const meeting = doubleBarrier(zk, '/double-barrier/path', 3);
      await zk.create('/double-barrier/came/typescript');
      await meeting.enter({ timeoutMs: 40_000 });
      await expectChildren(zk, '/double-barrier/came', 3);
      await zk.create('/double-barrier/leaving/typescript');
      await meeting.leave({ timeoutMs: 40_000 });
      await expectChildren(zk, '/double-barrier/leaving', 3);
    },
  },
  {
    name: 'count',
    with: ALL,
    nodes: { path: '\0\0\0\0' },
    takePart: async (zk) => {
      const count = sharedCount(zk, '/count/path');
      for (let round = 0; round < ROUNDS;) {
        const { value, version } = await count.read();
        if ((await count.trySet(version, value + 1)) !== null) round++;
      }
    },
    check: async (zk) => equal(await sharedCount(zk, '/count/path').get(), ROUNDS * (OURS + 2)),
  },
  {
    name: 'atomic-long',
    with: JAVA,
    takePart: async (zk) => {
      const count = atomicLong(zk, '/atomic-long/path', { isWitnessed: true });
      for (let round = 0; round < ROUNDS; round++) await count.increment();
      await count.close();
    },
    check: async (zk) => equal(await atomicLong(zk, '/atomic-long/path').get(), BigInt(ROUNDS * (OURS + 1))),
  },
  {
    name: 'kazoo-counter',
    with: PYTHON,
    takePart: async (zk) => {
      const count = atomicLong(zk, '/kazoo-counter/path', { format: 'decimal' });
      for (let round = 0; round < ROUNDS; round++) await count.increment();
    },
    check: async (zk) =>
      equal(
        await atomicLong(zk, '/kazoo-counter/path', { format: 'decimal' }).get(),
        BigInt(ROUNDS * (OURS + 1)),
      ),
  },
  {
    name: 'queue',
    with: ALL,
    nodes: { taken: '', path: '' },
    takePart: async (zk, number) => {
      const items = simpleQueue(zk, '/queue/path', utf8);
      for (let round = 0; round < ROUNDS; round++) await items.put(`typescript-${number} ${round}`);
      for (let round = 0; round < ROUNDS; round++)
        await zk.create(`/queue/taken/${(await items.take({ timeoutMs: 40_000 })).value}`);
    },
    // That none was taken twice is seen by the nodes: each can be made once.
    check: (zk) => expectChildren(zk, '/queue/taken', ROUNDS * (OURS + 2)),
  },
  {
    name: 'item-queue',
    with: JAVA,
    nodes: { 'from-java': '', 'to-java': '', locks: '' },
    takePart: async (zk, number) => {
      if (number > 0) return;
      const out = queue(zk, '/item-queue/to-java', utf8);
      const from = queue(zk, '/item-queue/from-java', utf8);
      for (let round = 0; round < ROUNDS; round++) await out.put(`typescript ${round}`);
      for (let round = 0; round < ROUNDS; round++)
        equal((await from.take({ timeoutMs: 40_000 })).value, `java ${round}`);
    },
  },
  {
    name: 'locking-queue',
    with: PYTHON,
    nodes: { taken: '' },
    takePart: async (zk, number) => {
      const items = kazooLockingQueue(zk, '/locking-queue/path', utf8);
      for (let round = 0; round < ROUNDS; round++) await items.put(`typescript-${number} ${round}`);
      for (let round = 0; round < ROUNDS; round++) {
        const item = await items.take({ timeoutMs: 40_000 });
        await zk.create(`/locking-queue/taken/${item.value}`);
        await item.done();
      }
    },
    check: (zk) => expectChildren(zk, '/locking-queue/taken', ROUNDS * (OURS + 1)),
  },
  {
    name: 'priority-queue',
    with: JAVA,
    nodes: { path: '' },
    takePart: async (zk, number) => {
      if (number > 0) return;
      while ((await zk.children('/priority-queue/path')).names.length < 5) await setTimeout(10);
      const items = priorityQueue(zk, '/priority-queue/path', utf8);
      for (const priority of ['-100', '-3', '0', '7', '100']) equal((await items.take()).value, priority);
    },
  },
  {
    name: 'timed-lease',
    with: PYTHON,
    nodes: { taken: '' },
    takePart: async (zk, number) => {
      if (number > 0) return;
      const mine = { id: 'typescript', durationMs: 300_000 };
      equal(await timedLease(zk, '/timed-lease/typescript', mine), true);
      await zk.create('/timed-lease/taken/typescript');
      while ((await zk.exists('/timed-lease/taken/python')) === null) await setTimeout(10);
      equal(await timedLease(zk, '/timed-lease/python', mine), false);
      equal(await timedLease(zk, '/timed-lease/python', { ...mine, id: 'python' }), true);
    },
  },
  {
    name: 'timed-leases',
    with: PYTHON,
    nodes: { taken: '' },
    takePart: async (zk, number) => {
      const mine = { id: `typescript-${number}`, durationMs: 300_000, count: 2 };
      if (number > 0)
        while ((await zk.children('/timed-leases/taken')).names.length < 2) await setTimeout(10);
      equal(await timedLease(zk, '/timed-leases/path', mine), number === 0);
      if (number === 0) await zk.create('/timed-leases/taken/typescript');
    },
  },
  {
    name: 'partition',
    with: PYTHON,
    nodes: { held: '', settled: '' },
    takePart: async (zk, number) => {
      const options = { id: `typescript-${number}`, settleMs: 500 };
      const shares = partition(zk, '/partition/path', LETTERS, options).shares();
      for await (const share of shares) {
        const { items } = share;
        // Nobody else has what is ours: his node would stand in our way.
        await Promise.all(
          items.map((item) => zk.create(`/partition/held/${item}`, '', { mode: 'ephemeral' })),
        );
        const isSettled = items.length === LETTERS.length / 3;
        if (isSettled) {
          await zk.create(`/partition/settled/${options.id}`);
          while ((await zk.children('/partition/settled')).names.length < 3) await setTimeout(10);
        } else await share.untilRecalled();
        await Promise.all(items.map((item) => zk.delete(`/partition/held/${item}`)));
        if (isSettled) break;
      }
    },
  },
  {
    name: 'queue-shards',
    with: JAVA,
    nodes: { taken: '' },
    takePart: async (zk, number) => {
      if (number > 0) return;
      const open = (path: string): Queue<string> => queue(zk, path, utf8);
      const options = { leaderPath: '/queue-shards/leader', itemsMax: 4, checkMs: 50, timeoutMs: 40_000 };
      await using shards = await queueShards(zk, '/queue-shards/path', open, options);
      for (let round = 0; round < ROUNDS; round++) await shards.put(`typescript ${round}`);
      while (shards.paths.length < 2) await setTimeout(10);
      const stop = new AbortController();
      let count = 0;
      const take = async ({ value }: { value: string }): Promise<void> => {
        await zk.create(`/queue-shards/taken/${value}`);
        if (++count === 2 * ROUNDS) stop.abort();
      };
      await shards.consume(take, { signal: stop.signal });
      await zk.create('/queue-shards/consumed');
    },
    check: (zk) => expectChildren(zk, '/queue-shards/taken', 2 * ROUNDS),
  },
  {
    name: 'group',
    with: JAVA,
    nodes: { found: '' },
    takePart: async (zk, number) => {
      if (number > 0) return;
      await using member = await joinGroup(zk, '/group/path', { id: 'typescript', data: 'typescript' });
      while (member.members().size < 2) await setTimeout(10);
      equal(new TextDecoder().decode(member.members().get('java')), 'java');
      await zk.create('/group/found/typescript');
      while ((await zk.exists('/group/found/java')) === null) await setTimeout(10);
    },
  },
  {
    name: 'discovery',
    with: JAVA,
    nodes: { found: '' },
    takePart: async (zk, number) => {
      if (number > 0) return;
      const services = discovery(zk, '/discovery/path');
      await using registration = await services.register({
        name: 'api',
        id: 'typescript',
        address: '10.0.0.2',
        port: 81,
        payload: 'from typescript',
      });
      await using provider = await services.provider('api');
      while (provider.instances().length < 2) await setTimeout(10);
      const { id, address, port, payload, enabled, serviceType } = provider.instances()[0]!;
      equal(
        [id, address, port, payload, enabled, serviceType].join(' '),
        'java 10.0.0.1 80 from java true DYNAMIC',
      );
      await zk.create(`/discovery/found/${registration.instance.id}`);
      while ((await zk.exists('/discovery/found/java')) === null) await setTimeout(10);
    },
  },
  {
    name: 'party',
    with: PYTHON,
    nodes: { found: '' },
    takePart: async (zk, number) => {
      if (number > 0) return;
      await using member = await joinGroup(zk, '/party/path', { naming: 'kazoo', data: 'typescript' });
      const names = (): string => [...member.members().values()].map(String).toSorted().join();
      const both = [text('python'), text('typescript')].map(String).toSorted().join();
      while (names() !== both) await setTimeout(10);
      await zk.create('/party/found/typescript');
      while ((await zk.exists('/party/found/python')) === null) await setTimeout(10);
    },
  },
];

/** Everybody counts in a node, one at a time: two at once would lose a count, and one of them would find the other inside. */
function counting(
  name: string,
  others: Scenario['with'],
  takePart: (zk: Client, folder: string, number: number) => Promise<void>,
): Scenario {
  return {
    name,
    with: others,
    nodes: { counter: '0' },
    takePart: (zk, number) => takePart(zk, `/${name}`, number),
    check: async (zk) =>
      equal((await zk.get(`/${name}/counter`, utf8)).data, `${ROUNDS * (OURS + others.length)}`),
  };
}

async function countAlone(zk: Client, folder: string): Promise<void> {
  await zk.create(`${folder}/inside`, '', { mode: 'ephemeral' });
  const { data } = await zk.get(`${folder}/counter`, utf8);
  await setTimeout(3);
  await zk.set(`${folder}/counter`, `${Number(data) + 1}`);
  await zk.delete(`${folder}/inside`);
}

async function underLock(zk: Client, folder: string, lock: Lock): Promise<void> {
  for (let round = 0; round < ROUNDS; round++)
    await lock.run(() => countAlone(zk, folder), { timeoutMs: 40_000 });
}

async function underReadWriteLock(zk: Client, folder: string, naming: 'curator' | 'kazoo'): Promise<void> {
  const { read, write } = readWriteLock(zk, `${folder}/path`, { naming });
  for (let round = 0; round < ROUNDS; round++) {
    await underOnce(write, () => countAlone(zk, folder));
    await underOnce(read, async () => equal(await zk.exists(`${folder}/inside`), null));
  }
}

function underOnce(lock: Lock, work: () => Promise<void>): Promise<void> {
  return lock.run(work, { timeoutMs: 40_000 });
}

async function inElection(zk: Client, folder: string, number: number): Promise<void> {
  const led = Promise.withResolvers<void>();
  let rounds = 0;
  const selector = leaderSelector(zk, `${folder}/path`, {
    id: `typescript-${number}`,
    lead: async () => {
      if (rounds === ROUNDS) return;
      await countAlone(zk, folder);
      if (++rounds === ROUNDS) led.resolve();
    },
    onError: (error) => led.reject(error),
  }).start();
  await led.promise;
  await selector.close();
}

async function withLatch(zk: Client, folder: string, number: number): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    await using latch = leaderLatch(zk, `${folder}/path`, { id: `typescript-${number}` }).start();
    await latch.leadership({ timeoutMs: 40_000 });
    await countAlone(zk, folder);
  }
}

async function expectChildren(zk: Client, path: string, count: number): Promise<void> {
  await zk.sync(path);
  equal((await zk.children(path)).names.length, count);
}

function equal(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${String(actual)}, not ${String(expected)}`);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

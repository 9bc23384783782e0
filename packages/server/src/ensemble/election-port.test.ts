import { QuorumConfig, ServerState } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import {
  ELECTION_PORT,
  ElectionWorld,
  ensembleOf,
  frame,
  notificationBytes,
} from '../../test/election-world.ts';

describe('servers on one network', () => {
  it.each([
    [1, 2, 3],
    [1, 3, 2],
    [2, 1, 3],
    [2, 3, 1],
    [3, 1, 2],
    [3, 2, 1],
  ])('elect, in whatever order they start: %i, %i, %i', async (first, second, third) => {
    const world = new ElectionWorld();
    for (const sid of [first, second, third]) {
      await world.open(sid, ensembleOf([1, 2, 3]));
      world.look(sid);
      await world.pass(500);
    }

    await world.pass(1000);

    expect(world.outcome).toBe(`${Math.max(first, second)}: 1 2 3`);
  });

  it('need no wait where all are there', async () => {
    const world = new ElectionWorld();
    await world.start([1, 2, 3], ensembleOf([1, 2, 3]));
    await world.pass(50);
    expect(world.outcome).toBe('3: 1 2 3');
  });

  it('elect all the same where one is a black hole, within one wait of 200 ms (ZOOKEEPER-2930, 3188)', async () => {
    const world = new ElectionWorld();
    for (const sid of [1, 2, 3, 4]) world.network.partition('s5', `s${sid}`);
    await world.start([1, 2, 3, 4, 5], ensembleOf([1, 2, 3, 4, 5]));
    await world.pass(250);
    expect(world.outcome).toBe('4: 1 2 3 4');
  });

  it('do not wait for one that is known to be down: after a kill of the leader the rest elect at once', async () => {
    const world = new ElectionWorld();
    const config = ensembleOf([1, 2, 3, 4, 5]);
    await world.start([1, 2, 3, 4, 5], config);
    await world.pass(50);

    await world.kill(5);
    for (const sid of [1, 2, 3, 4]) world.look(sid);
    await world.pass(100);

    expect(world.outcome).toBe('4: 1 2 3 4');
  });

  it('notice a death while they elect: the link breaks, nobody answers at its address, and nobody waits', async () => {
    const world = new ElectionWorld();
    await world.start([1, 2, 3], ensembleOf([1, 2, 3]));
    await world.pass(50);
    for (const sid of [1, 2]) world.look(sid);

    await world.kill(3);
    await world.pass(150);

    expect(world.outcome).toBe('2: 1 2');
  });

  it('notice a death though the system of the dead takes a last connection', async () => {
    const world = new ElectionWorld();
    const backlog = await world.run(
      world.transport(3).listen({ host: 's3', port: ELECTION_PORT }, (connection) => {
        world.runtime.clock.after(10, () => connection.destroy());
        return never;
      }),
    );
    world.runtime.clock.after(10, () => void backlog.close());
    await world.start([1, 2], ensembleOf([1, 2, 3]));

    await world.pass(150);

    expect(world.outcome).toBe('2: 1 2');
  });

  it('take back each of them after a restart (ZOOKEEPER-2164)', async () => {
    const world = new ElectionWorld();
    const config = ensembleOf([1, 2, 3]);
    await world.start([1, 2, 3], config);
    await world.pass(50);
    for (const sid of [1, 2]) {
      await world.kill(sid);
      await world.open(sid, config);
      world.look(sid);
      await world.pass(300);
      expect(world.outcome).toBe('3: 1 2 3');
    }
  });

  it('agree when a partition has healed', async () => {
    const world = new ElectionWorld();
    world.network.partition('s1', 's3');
    world.network.partition('s2', 's3');
    await world.start([1, 2, 3], ensembleOf([1, 2, 3]));
    await world.pass(3000);
    expect(world.outcome).toBe('2: 1 2');

    world.network.heal();
    await world.pass(7000);

    expect(world.outcome).toBe('2: 1 2 3');
  });

  it('come to an end whatever happens at once: looks, reconfigurations, links that break (ZOOKEEPER-2080, 2778)', async () => {
    const world = new ElectionWorld(7, { latency: { minMs: 0, maxMs: 20 } });
    const { random } = world.runtime;
    const all = [1, 2, 3, 4, 5];
    await world.start(all, ensembleOf(all));
    for (let version = 1; version <= 100; version++) {
      const sid = 1 + random.below(5);
      const config = ensembleOf(all, [], 0x1_0000_0000 + version);
      void world.port(sid).config(random.below(2) === 0 ? config : ensembleOf(all), config);
      world.look(1 + random.below(5));
      world.network.reset(`s${sid}`, `s${1 + random.below(5)}`);
      await world.pass(random.below(30));
    }
    for (const sid of all) await world.run(world.port(sid).config(ensembleOf(all, [], 0x2_0000_0000)));
    for (const sid of all) world.look(sid);
    await world.pass(2000);
    expect(world.outcome).toBe('5: 1 2 3 4 5');
  });

  it('find each other under names beyond ASCII (ZOOKEEPER-4787)', async () => {
    const world = new ElectionWorld();
    const config = QuorumConfig.parse('server.1=sörvér1:2888:3888\nserver.2=服务器:2888:3888');
    await world.open(1, config, { transport: world.network.transport('sörvér1') });
    await world.open(2, config, { transport: world.network.transport('服务器') });
    for (const sid of [1, 2]) world.look(sid);
    await world.pass(300);
    expect(world.outcome).toBe('2: 1 2');
  });

  it('show an observer the leader', async () => {
    const world = new ElectionWorld();
    const config = ensembleOf([1, 2, 3], [4]);
    await world.start([1, 2, 3], config);
    await world.open(4, config);
    world.look(4, { isParticipant: false });
    await world.pass(500);
    expect(world.outcome).toBe('3: 1 2 3 4');
    expect(world.results.get(4)?.state).toBe(ServerState.OBSERVING);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'agree over a bad network, with links reset at random (seed %i)',
    async (seed) => {
      const faults = { latency: { minMs: 0, maxMs: 30 }, chunkBytesMax: 7 };
      const world = new ElectionWorld(seed, faults);
      const { random } = world.runtime;
      await world.start([1, 2, 3, 4, 5], ensembleOf([1, 2, 3, 4, 5]));
      for (let i = 0; i < 20; i++) {
        world.network.reset(`s${1 + random.below(5)}`, `s${1 + random.below(5)}`);
        if (random.below(4) === 0) world.look(1 + random.below(5));
        await world.pass(random.below(60));
      }
      // What a follower of nobody would do.
      for (let i = 0; i < 10 && !/^(\d): 1 2 3 4 5$/.test(world.outcome); i++) {
        await world.pass(2000);
        const leaders = [1, 2, 3, 4, 5].filter(
          (sid) => world.results.get(sid)?.state === ServerState.LEADING,
        );
        for (const [sid, { vote }] of world.results)
          if (!leaders.includes(vote.leader) || leaders.length > 1) world.look(sid);
      }
      expect(world.outcome).toMatch(/^(\d): 1 2 3 4 5$/);
    },
  );
});

describe('of two servers, the larger id keeps the connection', () => {
  it('the smaller one says who it is and where, and hangs up; it is dialled at once', async () => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([1, 3]));
    world.look(3);
    await world.pass(300);
    const calls = await world.listen('somewhere', 7000);
    const caller = await world.dial(3, 'somewhere');

    caller.greet(1, { host: 'somewhere', port: 7000 });
    await world.pass(10);

    expect(caller.isClosed).toBe(true);
    expect(calls).toHaveLength(1);
    const text = new TextDecoder().decode(calls[0]?.received.subarray(20));
    expect(text).toContain(`s3:${ELECTION_PORT}`);
  });

  it('goes by the configuration where the address it sends is that of all addresses', async () => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([1, 3]));
    const calls = await world.listen('s1');
    (await world.dial(3, 's1')).greet(1, { host: '0.0.0.0', port: ELECTION_PORT });
    await world.pass(10);
    expect(calls).toHaveLength(1);
  });

  it('a larger one that dials again takes the place of its old connection', async () => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([1, 3, 5]));
    world.look(3);
    const first = (await world.dial(3)).greet(5);
    await world.pass(10);
    const second = (await world.dial(3)).greet(5);
    await world.pass(10);

    expect([first.isClosed, second.isClosed]).toEqual([true, false]);
    // The last word is said again: nobody knows whether it was heard.
    expect(second.heard()).toMatchObject([{ state: ServerState.LOOKING, leader: 3 }]);
  });

  it('one with the id of this server is turned away, and named in the log', async () => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([1, 3]));
    const caller = (await world.dial(3)).greet(3);
    await world.pass(10);
    expect(caller.isClosed).toBe(true);
    expect(world.lines.join()).toContain('another server has the id of this one');
  });
});

describe('what waits for another server', () => {
  it('is its newest word only', async () => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([1, 3, 5]));
    world.look(3);
    world.look(3);
    world.look(3);
    const caller = (await world.dial(3)).greet(5);
    await world.pass(10);
    expect(caller.heard().map(({ electionEpoch }) => electionEpoch)).toEqual([3]);
  });
});

describe('hostile input', () => {
  it('notifications of every length from 0 to 100 are left out, and the next one is heard (ZOOKEEPER-3769)', async () => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([1, 3, 5]));
    world.look(3);
    const caller = (await world.dial(3)).greet(5);
    for (let length = 1; length <= 100; length++) caller.write(frame(new Uint8Array(length).fill(0xa5)));
    const whole = notificationBytes({ leader: 5 });
    for (let length = 1; length < whole.length; length++) caller.write(frame(whole.subarray(0, length)));
    await world.pass(10);

    // A hundred in a row that make no sense end a link; it may come again.
    const again = (await world.dial(3)).greet(5);
    for (let length = 1; length < 28; length++) again.write(frame(whole.subarray(0, length)));
    again.say({ leader: 5, zxid: 7 });
    await world.pass(10);

    expect(again.heard().at(-1)).toMatchObject({ leader: 5, zxid: 7 });
  });

  it.each([
    ['of 0 bytes', 0],
    ['of -1 bytes', -1],
    ['of 512 KiB and one', 512 * 1024 + 1],
    ['of 2 GiB', 0x7fff_ffff],
  ])('a frame %s ends the link', async (_, length) => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([1, 3, 5]));
    const caller = (await world.dial(3)).greet(5);
    const header = new Uint8Array(4);
    new DataView(header.buffer).setInt32(0, length);
    caller.write(header);
    await world.pass(10);
    expect(caller.isClosed).toBe(true);
  });

  it.each([
    ['HTTP', new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')],
    ['a TLS hello', Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3)],
    ['a wrong version', new Uint8Array(20).fill(0xff)],
  ])('%s instead of an initial message is turned away', async (_, bytes) => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([1, 3]));
    const caller = (await world.dial(3)).write(bytes);
    await world.pass(10);
    // What may be the id of an unknown server waits for nothing but what it says next.
    caller.write(new Uint8Array(64).fill(0xff));
    await world.pass(10);
    expect(caller.isClosed).toBe(true);
  });

  it('who says nothing, or says it byte by byte, is gone after five seconds', async () => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([1, 3]));
    const [silent, slow] = [await world.dial(3), await world.dial(3)];
    for (let i = 0; i < 6; i++) {
      slow.write(Uint8Array.of(0xff));
      await world.pass(1000);
    }
    expect([silent.isClosed, slow.isClosed]).toEqual([true, true]);
  });

  it('a thousand silent connections keep nobody out', async () => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([1, 3, 5]));
    world.look(3);
    const silent = [];
    for (let i = 0; i < 1000; i++) silent.push(await world.dial(3));
    const caller = (await world.dial(3)).greet(5);
    await world.pass(10);

    expect(silent.filter(({ isClosed }) => !isClosed).length).toBeLessThan(100);
    expect(caller.heard()).toHaveLength(1);
  });

  it('servers that nobody knows are answered, and their number is bounded', async () => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([1, 3, 5]));
    world.look(3);
    const strangers = [];
    for (let sid = 1000; sid < 1500; sid++)
      strangers.push((await world.dial(3)).greet(sid).say({ leader: sid }));
    await world.pass(10);

    expect(strangers.at(-1)?.heard()).toMatchObject([{ leader: 3 }]);
    expect(strangers.filter(({ isClosed }) => !isClosed)).toHaveLength(100);
  });

  it('who has many dialled at addresses of its choice has at most a hundred of them dialled at one time', async () => {
    const world = new ElectionWorld();
    let dials = 0;
    const transport = world.transport(3000);
    await world.open(3000, ensembleOf([1, 3000]), {
      transport: {
        listen: (options, accept) => transport.listen(options, accept),
        connect: (options, open) => {
          dials++;
          return transport.connect(options, open);
        },
      },
    });
    world.network.partition('s3000', 'nowhere');
    for (let sid = 1000; sid < 1500; sid++) (await world.dial(3000)).greet(sid, { host: 'nowhere', port: 1 });
    await world.pass(10);
    expect(dials).toBe(100);
  });

  it('observers without an id are told apart', async () => {
    const world = new ElectionWorld();
    await world.open(3, ensembleOf([3]));
    world.look(3);
    const callers = [await world.dial(3), await world.dial(3)];
    for (const caller of callers) caller.greet(undefined).say({ leader: 9 });
    await world.pass(10);
    expect(callers.map((caller) => caller.heard().map(({ leader }) => leader))).toEqual([[3], [3]]);
  });
});

describe('the port', () => {
  it('is tried again each second while another has it', async () => {
    const world = new ElectionWorld();
    const other = await world.run(
      world.transport(1).listen({ host: 's1', port: ELECTION_PORT }, () => never),
    );
    world.runtime.clock.after(1500, () => void other.close());
    await world.open(1, ensembleOf([1, 2]));
    expect(world.runtime.clock.monotonic()).toBe(2000);
    expect(world.port(1).addresses).toEqual([{ host: '10.0.0.1', port: ELECTION_PORT }]);
  });

  it('is given up after three attempts', async () => {
    const world = new ElectionWorld();
    await world.run(world.transport(1).listen({ host: 's1', port: ELECTION_PORT }, () => never));
    await expect(world.open(1, ensembleOf([1, 2]))).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    expect(world.runtime.clock.monotonic()).toBe(2000);
  });

  it('is opened on all addresses of the machine where that is asked for', async () => {
    const world = new ElectionWorld();
    await world.open(1, ensembleOf([1, 2]), { listensOnAllAddresses: true });
    expect(world.port(1).addresses).toEqual([{ host: '0.0.0.0', port: ELECTION_PORT }]);
  });

  it('moves with the configuration', async () => {
    const world = new ElectionWorld();
    await world.open(1, ensembleOf([1, 2]));
    await world.open(2, ensembleOf([1, 2]));
    const moved = QuorumConfig.parse('server.1=s1:2888:4888\nserver.2=s2:2888:3888\nversion=100000001');
    for (const sid of [1, 2]) await world.run(world.port(sid).config(moved));
    for (const sid of [1, 2]) world.look(sid);
    await world.pass(300);
    expect(world.port(1).addresses).toEqual([{ host: '10.0.0.1', port: 4888 }]);
    expect(world.outcome).toBe('2: 1 2');
  });

  it('of a server that was left out stays, and the server still says where that is', async () => {
    const world = new ElectionWorld();
    const without = ensembleOf([2, 3], [], 0x1_0000_0001);
    await world.start([2, 3], without);
    await world.pass(300);
    await world.open(1, ensembleOf([1, 2, 3]));
    await world.run(world.port(1).config(without));
    world.look(1);

    await world.pass(1000);

    expect(world.outcome).toBe('3: 1 2 3');
  });

  it('ends a search when it closes', async () => {
    const world = new ElectionWorld();
    const port = await world.open(1, ensembleOf([1, 2]));
    const look = port.look({ isParticipant: true, lastZxid: 0, epoch: 0 });
    await world.run(port.close());
    expect(await look).toBeUndefined();
  });
});

describe('what the host is told', () => {
  it('is of newer configurations while it looks; it adopts one and looks again', async () => {
    const world = new ElectionWorld();
    const old = ensembleOf([1, 2]);
    const larger = ensembleOf([1, 2, 3], [], 0x1_0000_0001);
    await world.open(1, old, {
      onNewerConfig: (text) => {
        const config = QuorumConfig.parse(text);
        void world.port(1).config(config);
        world.look(1);
      },
    });
    for (const sid of [2, 3]) await world.open(sid, larger);
    for (const sid of [1, 2, 3]) world.look(sid);

    await world.pass(1000);

    expect(world.outcome).toBe('3: 1 2 3');
  });

  it('is that a voter looks while it leads', async () => {
    const world = new ElectionWorld();
    await world.start([1, 2], ensembleOf([1, 2, 3]));
    await world.pass(300);
    world.voterLooks.length = 0;
    world.look(1);
    await world.pass(50);
    expect(world.voterLooks).toEqual(['2 < 1']);
  });
});

const never = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

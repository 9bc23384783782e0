import { describe, expect, it } from 'vitest';
import { SimulatedRandom, simulatedRuntime, type SimulatedClock } from '@corral/runtime/simulated';
import type { Connection, ConnectionHandler, Transport } from '../transport.ts';
import { memoryNetwork, type MemoryNetwork, type NetworkFaults } from './index.ts';

describe('a memory network', () => {
  it('gives each host an address, and everyone its own loopback', async () => {
    const { network, clock } = world();
    const a = network.transport('a');
    const b = network.transport('b');
    const listener = await a.listen({ host: '127.0.0.1', port: 2181 }, () => quiet);
    const own = await clock.until(dial(a, '127.0.0.1', 2181));
    expect(own.connection.remote).toEqual({ host: '127.0.0.1', port: 2181 });
    await expect(clock.until(dial(b, 'a', 2181))).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(clock.until(dial(b, '127.0.0.1', 2181))).rejects.toMatchObject({ code: 'REFUSED' });
    expect(listener.address).toEqual({ host: '127.0.0.1', port: 2181 });
  });

  it('knows only hosts that were mentioned', async () => {
    const { network, clock } = world();
    const strangers = dial(network.transport('a'), 'nobody', 1);
    await expect(clock.until(strangers)).rejects.toMatchObject({ code: 'NAME_NOT_FOUND' });
  });

  it('carries bytes and the dial with the latency it was told', async () => {
    const { network, clock } = world({ latency: 10 });
    const { near, far } = await pair(network, clock);
    expect(clock.monotonic()).toBe(20);
    near.connection.write(text('hello'));
    clock.advance(5);
    near.connection.write(text('again'));
    clock.advance(4);
    expect(far.log).toEqual([]);
    clock.advance(1);
    expect(far.log).toEqual(['hello']);
    clock.advance(5);
    expect(far.log).toEqual(['hello', 'again']);
  });

  it('keeps the order though each piece draws its own latency', async () => {
    const { network, clock } = world({ latency: { minMs: 1, maxMs: 50 } });
    const { near, far } = await pair(network, clock);
    for (let i = 0; i < 10; i++) near.connection.write(text(String(i)));
    clock.runUntilIdle();
    expect(far.log.join('')).toBe('0123456789');
  });

  it('cuts what was written into pieces as small as it was told', async () => {
    const { network, clock } = world({ chunkBytesMax: 1 });
    const { near, far } = await pair(network, clock);
    near.connection.write(text('hello'));
    clock.runUntilIdle();
    expect(far.log).toEqual(['h', 'e', 'l', 'l', 'o']);
  });

  it('sends garbage for a caller who overwrites what write refused to let go', async () => {
    const { network, clock } = world({ windowBytes: 4 });
    const { near, far } = await pair(network, clock);
    const bytes = text('hello!');
    expect(near.connection.write(bytes)).toBe(false);
    bytes.fill(0x3f);
    clock.runUntilIdle();
    expect(far.log.join('')).toBe('hell??');
  });

  it('spoils a chunk that its reader keeps without a copy', async () => {
    const { network, clock } = world();
    const kept: Uint8Array[] = [];
    const { near, far } = await pair(network, clock);
    far.onBytes = (chunk) => kept.push(chunk);
    near.connection.write(text('hello'));
    clock.runUntilIdle();
    expect(kept).toEqual([new Uint8Array(5).fill(0xdd)]);
  });

  it('holds up bytes and dials while a partition lasts, and lets them go when it heals', async () => {
    const { network, clock } = world();
    const { near, far } = await pair(network, clock);
    network.partition('a', 'b');
    near.connection.write(text('hello'));
    const later = dial(network.transport('b'), 'a', far.connection.local.port);
    clock.advance(5000);
    expect(far.log).toEqual([]);
    network.heal();
    const { connection } = await clock.until(later);
    expect(connection.remote.host).toBe('10.0.0.1');
    expect(far.log).toEqual(['hello']);
  });

  it('delays what one host sends to another, each connection by itself, until it heals', async () => {
    const { network, clock } = world({ latency: 1 });
    const { near, far } = await pair(network, clock);
    network.delay('b', 'a', 1000);
    const sentAt = clock.monotonic();
    near.connection.write(text('late'));
    far.connection.write(text('prompt'));
    clock.advance(1);
    expect(near.log).toEqual(['prompt']);
    clock.runUntilIdle();
    expect(far.log).toEqual(['late']);
    expect(clock.monotonic()).toBeGreaterThan(sentAt + 2);
    network.heal();
    near.connection.write(text('again'));
    clock.advance(1);
    expect(far.log).toEqual(['late', 'again']);
  });

  it('lets a dial into a partition time out', async () => {
    const { network, clock } = world();
    await network.transport('a').listen({ host: 'a', port: 1 }, () => quiet);
    network.transport('b');
    network.partition('a', 'b');
    await expect(clock.until(dial(network.transport('b'), 'a', 1))).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    expect(clock.monotonic()).toBe(TIMEOUT_MS);
  });

  it('can be cut in one direction only', async () => {
    const { network, clock } = world();
    const { near, far } = await pair(network, clock);
    network.partitionOneWay('b', 'a');
    near.connection.write(text('lost'));
    far.connection.write(text('heard'));
    clock.advance(1000);
    expect(far.log).toEqual([]);
    expect(near.log).toEqual(['heard']);
    const { port } = far.connection.local;
    await expect(clock.until(dial(network.transport('b'), 'a', port))).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    await network.transport('b').listen({ host: 'b', port }, () => quiet);
    await expect(clock.until(dial(network.transport('a'), 'b', port))).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
  });

  it('takes connections and bytes for a stalled host, which hears of them afterwards', async () => {
    const { network, clock } = world();
    const { near, far } = await pair(network, clock);
    network.stall('a');
    near.connection.write(text('hello'));
    const late = await clock.until(dial(network.transport('b'), 'a', far.connection.local.port));
    late.connection.write(text('me too'));
    clock.advance(60_000);
    expect(far.log).toEqual([]);
    network.unstall('a');
    clock.runUntilIdle();
    expect(far.log).toEqual(['hello']);
  });

  it('resets all connections between two hosts, at both ends', async () => {
    const { network, clock } = world();
    const { near, far } = await pair(network, clock);
    network.transport('c');
    network.reset('b', 'c');
    clock.runUntilIdle();
    expect(near.log).toEqual([]);
    network.reset('b', 'a');
    clock.runUntilIdle();
    expect([near.log, far.log]).toEqual([['closed RESET'], ['closed RESET']]);
  });

  it('leaves the peers of a host without power half-open until they send something', async () => {
    const { network, clock } = world();
    const { near, far } = await pair(network, clock);
    network.cutPower('a');
    clock.advance(3_600_000);
    expect([near.log, far.log]).toEqual([[], []]);
    near.connection.write(text('anybody?'));
    clock.runUntilIdle();
    expect([near.log, far.log]).toEqual([['closed RESET'], []]);
  });

  it('frees the ports of a host without power', async () => {
    const { network, clock } = world();
    const a = network.transport('a');
    await a.listen({ host: 'a', port: 2181 }, () => quiet);
    network.cutPower('a');
    await expect(clock.until(dial(a, 'a', 2181))).rejects.toMatchObject({ code: 'REFUSED' });
    await a.listen({ host: 'a', port: 2181 }, () => quiet);
    await clock.until(dial(a, 'a', 2181));
  });

  it('resets the peer of an end that was destroyed with bytes unread', async () => {
    const { network, clock } = world();
    const { near, far } = await pair(network, clock);
    far.connection.pause();
    near.connection.write(text('hello'));
    clock.runUntilIdle();
    far.connection.destroy();
    clock.runUntilIdle();
    expect(near.log).toEqual(['closed RESET']);
    expect(far.log).toEqual(['closed']);
  });

  it('closes an ended connection though the other side never ends', async () => {
    const { network, clock } = world();
    const { near, far } = await pair(network, clock);
    network.partition('a', 'b');
    near.connection.end();
    clock.runUntilIdle();
    expect(near.log).toEqual(['closed']);
    expect(far.log).toEqual([]);
  });
});

describe('the same seed', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('gives the same run under random faults (seed %i)', (seed) => {
    const trace = stormOf(seed);
    expect(trace.length).toBeGreaterThan(200);
    expect(stormOf(seed)).toEqual(trace);
    expect(stormOf(seed + 1000)).not.toEqual(trace);
  });
});

/**
 * Three hosts dial, write, pause, end and destroy at random while the network is cut, stalled and reset at random.
 * What one connection was told never has a gap, a repetition or a word after its end, and the answer is all of it.
 */
function stormOf(seed: number): string[] {
  const { network, clock } = world(
    { latency: { minMs: 0, maxMs: 30 }, chunkBytesMax: 7, windowBytes: 50 },
    seed,
  );
  const chance = new SimulatedRandom(seed + 1);
  const hosts = ['a', 'b', 'c'];
  const trace: string[] = [];
  const open: Connection[] = [];
  let connections = 0;

  const stormy = (connection: Connection, direction: string): ConnectionHandler => {
    const name = `${direction}${connections++}`;
    let next = 0;
    let isClosed = false;
    open.push(connection);
    const note = (what: string): void => {
      if (isClosed) throw new Error(`${name}: ${what} after its end`);
      trace.push(`${clock.monotonic()} ${name} ${what}`);
    };
    return {
      onData: (chunk) => {
        for (const byte of chunk) if (byte !== next++ % 251) throw new Error(`${name}: a gap at ${next}`);
        note(`${chunk.length} bytes`);
      },
      onDrain: () => note('drain'),
      onClose: (error) => {
        note(`closed ${error?.code ?? ''}`);
        isClosed = true;
        open.splice(open.indexOf(connection), 1);
      },
    };
  };

  const counters = new Map<Connection, number>();
  const write = (connection: Connection): void => {
    const start = counters.get(connection) ?? 0;
    const bytes = Uint8Array.from({ length: chance.below(100) }, (_, i) => (start + i) % 251);
    counters.set(connection, start + bytes.length);
    connection.write(bytes);
  };

  const any = <T>(of: readonly T[]): T => of[chance.below(of.length)]!;
  for (const host of hosts) {
    const listening = network
      .transport(host)
      .listen({ host, port: 1 }, (connection) => stormy(connection, '<'));
    void listening;
  }
  const deeds: (() => void)[] = [
    () => {
      const target = { host: any(hosts), port: 1, timeoutMs: 200 };
      const dialed = network.transport(any(hosts)).connect(target, (connection) => stormy(connection, '>'));
      dialed.catch(() => {});
    },
    () => network.partitionOneWay(any(hosts), any(hosts)),
    () => network.heal(),
    () => network.stall(any(hosts)),
    () => hosts.forEach((host) => network.unstall(host)),
    () => network.reset(any(hosts), any(hosts)),
  ];
  const deedsOnOne: ((connection: Connection) => void)[] = [
    write,
    write,
    write,
    (connection) => connection.pause(),
    (connection) => connection.resume(),
    (connection) => connection.resume(),
    (connection) => (chance.below(10) === 0 ? connection.end() : write(connection)),
    (connection) => (chance.below(20) === 0 ? connection.destroy() : write(connection)),
  ];
  for (let step = 0; step < 1000; step++) {
    if (open.length < 5 || chance.below(10) === 0) any(deeds)();
    else any(deedsOnOne)(any(open));
    clock.advance(chance.below(10));
  }
  network.heal();
  for (const host of hosts) network.unstall(host);
  clock.runUntilIdle();
  return trace;
}

interface End extends ConnectionHandler {
  readonly connection: Connection;
  /** The text of each chunk, and the end. */
  readonly log: string[];
  onBytes: (chunk: Uint8Array) => void;
}

function endOf(connection: Connection): End {
  const log: string[] = [];
  return {
    connection,
    log,
    onBytes: () => {},
    onData(chunk) {
      log.push(new TextDecoder().decode(chunk));
      this.onBytes(chunk);
    },
    onDrain: () => {},
    onClose: (error) => void log.push(error === undefined ? 'closed' : `closed ${error.code}`),
  };
}

async function dial(transport: Transport, host: string, port: number): Promise<End> {
  let end: End | undefined;
  await transport.connect({ host, port, timeoutMs: TIMEOUT_MS }, (connection) => (end = endOf(connection)));
  return end!;
}

/** `far` was accepted by host a, `near` dialed from host b. */
async function pair(network: MemoryNetwork, clock: SimulatedClock): Promise<{ near: End; far: End }> {
  const accepted: End[] = [];
  const listener = await network.transport('a').listen({ host: 'a', port: 0 }, (connection) => {
    const end = endOf(connection);
    accepted.push(end);
    return end;
  });
  const near = await clock.until(dial(network.transport('b'), 'a', listener.address.port));
  return { near, far: accepted[0]! };
}

function world(faults: NetworkFaults = {}, seed = 1): { network: MemoryNetwork; clock: SimulatedClock } {
  const { clock, random } = simulatedRuntime({ seed });
  return { network: memoryNetwork({ clock, random, faults }), clock };
}

function text(of: string): Uint8Array {
  return new TextEncoder().encode(of);
}

const quiet: ConnectionHandler = { onData: () => {}, onDrain: () => {}, onClose: () => {} };
const TIMEOUT_MS = 10_000;

import type { JuteWriter } from '@corral/jute';
import {
  LearnerInfo,
  OpCode,
  QuorumPacket,
  QuorumPacketSplitter,
  QuorumPacketType,
  ZAB_PROTOCOL_VERSION,
  zxidOf,
} from '@corral/protocol';
import type { Connection, ConnectionHandler } from '@corral/transport';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, getData, setData } from '../../test/requests.ts';
import { ascii, bytesOf, concat } from '../../test/test-client.ts';

const LEADER = 3;
const OBSERVER_PORT = 2191;
const PORTS = [
  ['the port of a leader', LEADER, 2888],
  ['the port of a follower for observers', 1, OBSERVER_PORT],
] as const;

describe.each(PORTS)('%s', (_, sid, port) => {
  it.each([
    ['HTTP', ascii('GET / HTTP/1.1\r\nHost: here\r\n\r\n')],
    ['a TLS hello', Uint8Array.of(0x16, 3, 1, 0, 0xc8, 1, 0, 0, 0xc4, 3, 3, ...new Uint8Array(200))],
    ['a word of four letters', ascii('ruokruokruokruokruok')],
    ['nothing but ones', new Uint8Array(1000).fill(0xff)],
    ['nothing but zeros', new Uint8Array(1000)],
    ['a length of 2 GiB', concat(int(QuorumPacketType.FOLLOWERINFO), long(0), int(0x7fff_ffff))],
    ['a length of -2', concat(int(QuorumPacketType.FOLLOWERINFO), long(0), int(-2))],
    [
      'two thousand million identities',
      concat(int(QuorumPacketType.OBSERVERINFO), long(0), int(-1), int(0x7fff_ffff)),
    ],
    ['an introduction without a word', packet(QuorumPacketType.OBSERVERINFO, 0)],
    ['an introduction that is too short', packet(QuorumPacketType.OBSERVERINFO, 0, new Uint8Array(7))],
    ['a protocol of before', introduction({ protocol: 1 })],
    ['an epoch below zero', introduction({ epoch: -1 })],
    ['a configuration from the future', introduction({ config: 0x7fff_ffff })],
    ['the id of the server itself', introduction({ sid })],
    ['a request first', packet(QuorumPacketType.REQUEST, -1, request(0n, OpCode.create))],
    ['an acknowledgement first', packet(QuorumPacketType.ACK, 1)],
    ['a ping first', packet(QuorumPacketType.PING, 0, new Uint8Array(12))],
    [
      'a request before it is synchronised',
      concat(introduction({}), packet(QuorumPacketType.REQUEST, -1, request(0n, OpCode.create))),
    ],
    [
      'a session asked for before it is synchronised',
      concat(introduction({}), packet(QuorumPacketType.REVALIDATE, -1, new Uint8Array(12))),
    ],
    ['UPTODATE of all things', concat(introduction({}), packet(QuorumPacketType.UPTODATE, -1))],
    ['a packet of no type', concat(introduction({}), packet(4711, 0))],
  ])('closes a connection that brings %s, and nobody else notices', async (__, bytes) => {
    const world = await ensemble();
    const stranger = await Stranger.dial(world, sid, port);

    stranger.send(bytes);
    await world.pass(3000);

    expect(stranger.isClosed).toBe(true);
    await isWell(world);
  });

  it('closes one that stops within its first packet, or brings it a byte at a time for too long', async () => {
    const world = await ensemble();
    const [silent, slow] = [await Stranger.dial(world, sid, port), await Stranger.dial(world, sid, port)];
    const bytes = introduction({});

    silent.send(bytes.subarray(0, 30));
    for (const byte of bytes) {
      if (!slow.isClosed) slow.send(Uint8Array.of(byte));
      await world.pass(100);
    }

    expect([silent.isClosed, slow.isClosed]).toEqual([true, true]);
    await isWell(world);
  });

  it('lets no crowd of silent connections keep others out', async () => {
    const world = await ensemble();
    const crowd = [];
    for (let i = 0; i < 200; i++) crowd.push(await Stranger.dial(world, sid, port));

    await world.pass(50);
    expect(crowd.filter(({ isClosed }) => !isClosed).length).toBeLessThanOrEqual(64);
    const welcome = await Stranger.dial(world, sid, port);
    welcome.send(introduction({}));
    await world.pass(50);

    expect(welcome.types).toEqual([QuorumPacketType.LEADERINFO]);
    await isWell(world);
  });

  it('closes one that begins to synchronise and does not go on', async () => {
    const world = await ensemble();
    const stranger = await Stranger.dial(world, sid, port);

    stranger.send(concat(introduction({}), packet(QuorumPacketType.ACKEPOCH, 0, int(0))));
    await world.pass(4000);

    expect(stranger.types.length).toBeGreaterThan(1);
    expect(stranger.isClosed).toBe(true);
    await isWell(world);
  });

  it('goes on with the others while one does not read what it is sent, and closes that (ZOOKEEPER-2201)', async () => {
    const world = await ensemble({ forceSnapshotSync: true });
    const client = await world.client(LEADER);
    for (let i = 0; i < 8; i++) {
      const made = await world.run(client.request(OpCode.create, create(`/large${i}`, 'x'.repeat(500_000))));
      expect(made.err).toBe(0);
    }
    const stranger = await Stranger.dial(world, sid, port);

    stranger.pause();
    stranger.send(concat(introduction({}), packet(QuorumPacketType.ACKEPOCH, 0, int(0))));
    await world.pass(500);
    for (let i = 0; i < 5; i++) {
      await isWell(world);
      await world.pass(100);
    }
    await world.pass(4000);

    expect(world.lines('SNAP at').length).toBeGreaterThan(0);
    expect(world.lines('the connection with a learner is over').at(-1)!.sid).toBe(sid);
    await isWell(world);
  });
});

describe('a learner that lies', () => {
  it('is not counted where no configuration knows it', async () => {
    const world = await ensemble();
    const stranger = await Stranger.joined(world, { sid: 77 });
    const client = await world.client(LEADER);
    for (const follower of ['s1', 's2']) world.network.stall(follower);

    client.send(OpCode.create, create('/a'));
    await world.pass(50);
    for (let counter = 1; counter < 20; counter++)
      stranger.send(packet(QuorumPacketType.ACK, zxidOf(1, counter)));
    await world.pass(100);

    expect(client.frames).toEqual([]);
    for (const follower of ['s1', 's2']) world.network.unstall(follower);
    await isWell(world);
  });

  it('takes the place of a follower for a moment only, where it has its id', async () => {
    const world = await ensemble();

    const stranger = await Stranger.joined(world, { sid: 1 });
    await world.pass(5000);
    await world.serving();

    expect(stranger.isClosed).toBe(true);
    await isWell(world);
  });

  it('writes nothing for sessions that are not its clients', async () => {
    const world = await ensemble();
    const owner = await world.client(LEADER);
    await world.run(owner.request(OpCode.create, create('/a', 'mine')));
    const stranger = await Stranger.joined(world, { sid: 77 });

    for (const session of [owner.session!.sessionId, 0n, -1n, 0x7700_0000_0000_0001n])
      stranger.send(
        packet(QuorumPacketType.REQUEST, -1, request(session, OpCode.setData, setData('/a', 'theirs'))),
      );
    await world.pass(300);

    const read = await world.run(owner.request(OpCode.getData, getData('/a')));
    expect(new TextDecoder().decode(read.body.readBuffer()!)).toBe('mine');
    expect(stranger.isClosed).toBe(false);
  });

  it.each([
    ['a request that is none', packet(QuorumPacketType.REQUEST, -1, new Uint8Array(3))],
    ['a request that no client may make', packet(QuorumPacketType.REQUEST, -1, request(1n, OpCode.getData))],
    ['half a session asked for', packet(QuorumPacketType.REVALIDATE, -1, new Uint8Array(5))],
    ['half a session heard of', packet(QuorumPacketType.PING, 0, new Uint8Array(17))],
    ['its introduction again', introduction({ sid: 77 })],
  ])('is closed when it sends %s', async (_, bytes) => {
    const world = await ensemble();
    const stranger = await Stranger.joined(world, { sid: 77 });

    stranger.send(bytes);
    await world.pass(100);

    expect(stranger.isClosed).toBe(true);
    await isWell(world);
  });
});

function ensemble(config: { forceSnapshotSync?: boolean } = {}): Promise<EnsembleWorld> {
  return EnsembleWorld.led(LEADER, { size: 3, ensemble: { observerMasterPort: OBSERVER_PORT, ...config } });
}

/** All serve under the same leader, and somebody's write reaches all. */
async function isWell(world: EnsembleWorld): Promise<void> {
  expect([...world.members].map(([sid, { view }]) => [sid, view.isServing && view.mode])).toEqual([
    [1, 'follower'],
    [2, 'follower'],
    [3, 'leader'],
  ]);
  const client = await world.client(2);
  const reply = await world.run(client.request(OpCode.create, create('/well-', '', 2)));
  expect(reply.err).toBe(0);
  client.destroy();
}

/** Whoever finds a port, and speaks as it likes. */
class Stranger implements ConnectionHandler {
  readonly types: number[] = [];
  isClosed = false;
  #connection!: Connection;
  readonly #splitter = new QuorumPacketSplitter({ valueMax: 1 << 20 });

  static async dial(world: EnsembleWorld, sid: number, port: number): Promise<Stranger> {
    const stranger = new Stranger();
    const dialled = world.network
      .transport('stranger')
      .connect({ host: `s${sid}`, port, timeoutMs: 1000 }, (connection) => {
        stranger.#connection = connection;
        return stranger;
      });
    await world.run(dialled);
    return stranger;
  }

  /** As a follower that is up to date with the leader. */
  static async joined(world: EnsembleWorld, { sid }: { sid: number }): Promise<Stranger> {
    const stranger = await Stranger.dial(world, LEADER, 2888);
    stranger.send(introduction({ sid, type: QuorumPacketType.FOLLOWERINFO }));
    await world.pass(20);
    stranger.send(packet(QuorumPacketType.ACKEPOCH, 0, int(0)));
    await world.pass(20);
    stranger.send(packet(QuorumPacketType.ACK, zxidOf(1, 0)));
    await world.pass(20);
    return stranger;
  }

  send(bytes: Uint8Array): void {
    this.#connection.write(bytes.slice());
  }

  pause(): void {
    this.#connection.pause();
  }

  onData(chunk: Uint8Array): void {
    try {
      this.#splitter.push(chunk);
      for (let next = this.#splitter.next(); next !== undefined; next = this.#splitter.next())
        this.types.push(next.type);
    } catch {
      // A snapshot, which is no packet.
    }
  }

  onDrain(): void {}

  onClose(): void {
    this.isClosed = true;
  }
}

function packet(type: number, zxid: number, data: Uint8Array | null = null): Uint8Array {
  return bytesOf((w) => new QuorumPacket(type, zxid, data, null).write(w));
}

function introduction({
  sid = 50,
  epoch = 0,
  protocol = ZAB_PROTOCOL_VERSION,
  config = 0,
  type = QuorumPacketType.OBSERVERINFO,
}: {
  sid?: number;
  epoch?: number;
  protocol?: number;
  config?: number;
  type?: QuorumPacketType;
}): Uint8Array {
  const info = bytesOf((w) => new LearnerInfo(sid, protocol, config).write(w));
  return packet(type, epoch < 0 ? epoch : zxidOf(epoch, 0), info);
}

function request(session: bigint, type: number, body?: { write(w: JuteWriter): void }): Uint8Array {
  return bytesOf((w) => {
    w.writeLong(session);
    w.writeInt(1);
    w.writeInt(type);
    body?.write(w);
  });
}

function int(value: number): Uint8Array {
  return bytesOf((w) => w.writeInt(value));
}

function long(value: number): Uint8Array {
  return bytesOf((w) => w.writeLongNumber(value));
}

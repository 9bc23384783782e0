import { JuteError, JuteWriter } from '@corral/jute';
import { describe, expect, it } from 'vitest';
import { ascii, failureOf, hex, unnamedFailures } from '../test/records.ts';
import { Identity } from './acl.ts';
import { QuorumPacketSplitter } from './quorum-packet-splitter.ts';
import { QuorumPacketType } from './quorum-packet-type.ts';
import { QuorumPacket } from './quorum-records.ts';

const PACKETS = [
  new QuorumPacket(QuorumPacketType.ACK, 0x1_0000_0001, null, null),
  new QuorumPacket(QuorumPacketType.PROPOSAL, 0x1_0000_0002, new Uint8Array(300).fill(7), null),
  new QuorumPacket(QuorumPacketType.PING, 0x1_0000_0002, new Uint8Array(0), []),
  new QuorumPacket(QuorumPacketType.REQUEST, -1, hex('0102030405'), [
    new Identity('ip', '127.0.0.1'),
    new Identity(null, ''),
    new Identity('digest', 'bob:\u00fc\u{1f40e}'),
  ]),
  new QuorumPacket(QuorumPacketType.UPTODATE, -1, null, null),
];
const STREAM = bytesOf(PACKETS);

const REQUEST = `
  00000001          type: REQUEST
  ffffffffffffffff  zxid: -1
  00000002          data: 2 bytes
  0102
  00000001          authinfo: 1
  00000002          scheme: 2 bytes
  6970              "ip"
  00000003          id: 3 bytes
  3a3a31            "::1"`;

describe('a stream', () => {
  it('in one chunk is cut into its packets', () => {
    expect(packetsOf(new QuorumPacketSplitter(), STREAM)).toStrictEqual(PACKETS);
  });

  it('of one byte at a time is cut into the same packets', () => {
    const splitter = new QuorumPacketSplitter();
    const packets: QuorumPacket[] = [];
    for (const byte of STREAM) packets.push(...packetsOf(splitter, Uint8Array.of(byte)));
    expect(packets).toStrictEqual(PACKETS);
    expect(splitter.pending).toBe(0);
  });

  it('is cut into the same packets wherever its chunks end', () => {
    for (let size = 1; size <= STREAM.length; size++) {
      const splitter = new QuorumPacketSplitter();
      const packets: QuorumPacket[] = [];
      for (let at = 0; at < STREAM.length; at += size)
        packets.push(...packetsOf(splitter, STREAM.subarray(at, at + size)));
      expect(packets, `chunks of ${size}`).toStrictEqual(PACKETS);
    }
  });

  it('is cut into the same packets where one chunk ends anywhere', () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const splitter = new QuorumPacketSplitter();
      const packets = packetsOf(splitter, STREAM.subarray(0, cut));
      packets.push(...packetsOf(splitter, STREAM.subarray(cut)));
      expect(packets, `cut at ${cut}`).toStrictEqual(PACKETS);
    }
  });

  it('counts the bytes of a packet that is not whole', () => {
    const splitter = new QuorumPacketSplitter();
    packetsOf(splitter, hex(REQUEST).subarray(0, 21));
    expect(splitter.pending).toBe(21);
    expect(packetsOf(splitter, hex(REQUEST).subarray(21))).toHaveLength(1);
    expect(splitter.pending).toBe(0);
  });

  it('that turns into a snapshot is handed out as it comes, and goes on as packets', () => {
    const snap = bytesOf([new QuorumPacket(QuorumPacketType.SNAP, 5, null, null)]);
    const image = ascii('the image of a tree');
    const stream = Uint8Array.of(...snap, ...image, ...STREAM);
    for (let cut = 0; cut <= snap.length + image.length; cut++) {
      const splitter = new QuorumPacketSplitter();
      splitter.push(stream.subarray(0, cut));
      let packet = splitter.next();
      let fed = cut;
      if (packet === undefined) {
        splitter.push(stream.subarray(cut));
        packet = splitter.next();
        fed = stream.length;
      }
      expect(packet?.type).toBe(QuorumPacketType.SNAP);
      const raw = Uint8Array.of(...splitter.rest(), ...stream.subarray(fed));
      expect(raw).toEqual(stream.subarray(snap.length));
      expect(splitter.pending).toBe(0);
      expect(packetsOf(splitter, raw.subarray(image.length))).toStrictEqual(PACKETS);
    }
  });

  it('hands out what it kept of a packet, too, and forgets it', () => {
    const splitter = new QuorumPacketSplitter();
    packetsOf(splitter, hex(REQUEST).subarray(0, 25));
    splitter.push(hex('aabb'));
    expect(splitter.rest()).toEqual(Uint8Array.of(...hex(REQUEST).subarray(0, 25), 0xaa, 0xbb));
    expect(packetsOf(splitter, STREAM)).toStrictEqual(PACKETS);
  });
});

describe('a packet', () => {
  it('belongs to whoever took it: the transport may use the chunk again', () => {
    for (let cut = 0; cut < STREAM.length; cut++) {
      const splitter = new QuorumPacketSplitter();
      const first = STREAM.slice(0, cut);
      const packets = packetsOf(splitter, first);
      first.fill(0xee);
      const second = STREAM.slice(cut);
      packets.push(...packetsOf(splitter, second));
      second.fill(0xee);
      expect(packets, `cut at ${cut}`).toStrictEqual(PACKETS);
    }
  });

  it('belongs to whoever took it where the chunk is of a kind whose slices are views', () => {
    const chunk = Buffer.from(STREAM);
    const packets = packetsOf(new QuorumPacketSplitter(), chunk);
    chunk.fill(0xee);
    expect(packets).toStrictEqual(PACKETS);
  });

  it('keeps its data, however many come behind it', () => {
    const sizes = Array.from({ length: 3000 }, (_, i) => (i * 37) % 1500);
    const sent = sizes.map((size, i) => new QuorumPacket(1, i, new Uint8Array(size).fill(i % 251), null));
    const packets = packetsOf(new QuorumPacketSplitter(), bytesOf(sent));
    expect(packets.map(({ data }) => data!.length)).toEqual(sizes);
    expect(packets.every(({ data }, i) => data!.every((byte) => byte === i % 251))).toBe(true);
  });

  it('has identities of its own, however alike those before it', () => {
    const ids = ['::1', '::1', '::2', '::2', '::1'];
    const sent = ids.map((id, i) => new QuorumPacket(1, i, null, [new Identity('ip', id)]));
    expect(packetsOf(new QuorumPacketSplitter(), bytesOf(sent))).toStrictEqual(sent);
  });

  it('takes memory for the bytes that came, not for those that were promised', () => {
    const before = process.memoryUsage().arrayBuffers;
    const splitters = Array.from({ length: 64 }, () => new QuorumPacketSplitter({ valueMax: 1 << 30 }));
    for (const splitter of splitters)
      expect(packetsOf(splitter, hex('000000020000000000000001400000000102030405060708'))).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
    expect(splitters.map((splitter) => splitter.pending)).toEqual(splitters.map(() => 24));
  });

  it('may hold as much as the bound allows', () => {
    const limits = { valueMax: 40 };
    const data = new QuorumPacket(1, 0, new Uint8Array(40), null);
    expect(packetsOf(new QuorumPacketSplitter(limits), bytesOf([data]))).toStrictEqual([data]);
    const authinfo = new QuorumPacket(1, 0, new Uint8Array(40), [new Identity('ip', 'i'.repeat(30))]);
    expect(packetsOf(new QuorumPacketSplitter(limits), bytesOf([authinfo]))).toStrictEqual([authinfo]);
  });
});

describe('a packet is refused', () => {
  it.each([
    ['whose data is one byte too long', 12, 41, 12],
    ['whose data is as long as can be', 12, 0x7fff_ffff, 12],
    ['whose data is shorter than null', 12, -2, 12],
    ['whose data is as short as can be', 12, -0x8000_0000, 12],
    ['with more identities than the bytes could hold', 18, 6, 18],
    ['with as many identities as can be', 18, 0x7fff_ffff, 18],
    ['with fewer identities than null', 18, -2, 18],
    ['with a scheme beyond the bound', 22, 33, 22],
    ['with a scheme as long as can be', 22, 0x7fff_ffff, 22],
    ['with a scheme shorter than null', 22, -2, 22],
    ['with an id beyond the bound', 28, 31, 28],
    ['with an id shorter than null', 28, -2, 28],
  ])('%s', (_what, at, value, offset) => {
    const bytes = hex(REQUEST);
    new DataView(bytes.buffer).setInt32(at, value);
    const whole = new QuorumPacketSplitter({ valueMax: 40 });
    whole.push(bytes);
    expect(failureOf(() => whole.next())).toMatchObject({ name: 'JuteError', code: 'BAD_LENGTH', offset });

    const cut = new QuorumPacketSplitter({ valueMax: 40 });
    const failure = failureOf(() => {
      for (const byte of bytes) packetsOf(cut, Uint8Array.of(byte));
    });
    expect(failure).toMatchObject({ name: 'JuteError', code: 'BAD_LENGTH', offset });
  });

  it('with strings that are each within the bound, but not together', () => {
    const packet = new QuorumPacket(1, 0, null, [new Identity('i'.repeat(30), 'i'.repeat(30))]);
    const splitter = new QuorumPacketSplitter({ valueMax: 40 });
    splitter.push(bytesOf([packet]));
    expect(failureOf(() => splitter.next())).toMatchObject({ code: 'BAD_LENGTH', offset: 54 });
  });

  it.each(['7fffffffffffffff', '0020000000000000', '8000000000000000'])(
    'whose zxid is %s: it is not rounded',
    (zxid) => {
      const splitter = new QuorumPacketSplitter();
      splitter.push(hex(REQUEST.replace('ffffffffffffffff', zxid)));
      expect(failureOf(() => splitter.next())).toMatchObject({ code: 'OUT_OF_RANGE', offset: 4 });
    },
  );

  it('with an identity that is no text', () => {
    const splitter = new QuorumPacketSplitter();
    splitter.push(Uint8Array.of(...STREAM.subarray(0, 20), ...hex(REQUEST.replace('3a3a31 ', 'ff3a31 '))));
    expect(splitter.next()).toBeDefined();
    expect(failureOf(() => splitter.next())).toMatchObject({ code: 'BAD_TEXT', offset: 32 });
  });

  it('with a named error or not at all, whatever is claimed anywhere in the stream', () => {
    const read = (bytes: Uint8Array): QuorumPacket[] => packetsOf(new QuorumPacketSplitter(), bytes);
    expect(unnamedFailures(STREAM, read)).toEqual([]);
  });

  it('by the default bound of what servers send each other', () => {
    const splitter = new QuorumPacketSplitter();
    splitter.push(hex('0000000200000000000000010020000000000000'));
    expect(failureOf(() => splitter.next())).toBeInstanceOf(JuteError);
  });
});

it('a chunk pushed before the last one is used up is a mistake of the caller', () => {
  const splitter = new QuorumPacketSplitter();
  splitter.push(STREAM);
  splitter.next();
  expect(() => splitter.push(STREAM)).toThrow(RangeError);
});

function packetsOf(splitter: QuorumPacketSplitter, chunk: Uint8Array): QuorumPacket[] {
  const packets: QuorumPacket[] = [];
  splitter.push(chunk);
  for (let packet = splitter.next(); packet !== undefined; packet = splitter.next()) packets.push(packet);
  return packets;
}

function bytesOf(packets: readonly QuorumPacket[]): Uint8Array {
  const w = new JuteWriter();
  for (const packet of packets) packet.write(w);
  return w.copy();
}

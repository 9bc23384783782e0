import { JuteWriter } from '@corral/jute';
import {
  counterOf,
  epochOf,
  LearnerInfo,
  QuorumPacket,
  QuorumPacketType,
  ZAB_PROTOCOL_VERSION,
  type Zxid,
  zxidOf,
} from '@corral/protocol';

/**
 * Packets as text, both ways. A zxid is `epoch:counter` in decimal, and what a packet carries besides is named:
 *
 *     FOLLOWERINFO 1:0 sid=2 config=0:0      OBSERVERINFO likewise; without `sid` no data at all
 *     LEADERINFO 2:0                         protocol=... only where it is not 0x10000
 *     ACKEPOCH 1:5 current=1
 *     PROPOSAL 1:6 "x"                       COMMIT, INFORM, NEWLEADER, TRUNC, DIFF, SNAP, ACK, PING, SYNC likewise
 *     COMMITANDACTIVATE 1:7 leader=2         INFORMANDACTIVATE 1:7 leader=2 "x"
 *     UPTODATE                               a zxid of -1 is left out
 */
export function packetText({ type, zxid, data }: QuorumPacket): string {
  const name = NAMES.get(type) ?? `type=${type}`;
  const words = zxid === -1 ? [name] : [name, zxidText(zxid)];
  if (data !== null) words.push(...dataText(type, data));
  return words.join(' ');
}

export function packetOf(text: string): QuorumPacket {
  const words = text.match(/"[^"]*"|\S+/g) ?? [];
  const name = words[0] ?? '';
  const type = name.startsWith('type=')
    ? Number(name.slice(5))
    : QuorumPacketType[name as keyof typeof QuorumPacketType];
  if (type === undefined) throw new Error(`no packet type ${name}`);
  const zxid = words.find((word) => /^-?\d+:\d+$/.test(word));
  const values = new Map(
    words.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]),
  );
  const quoted = words.find((word) => word.startsWith('"'))?.slice(1, -1);
  return new QuorumPacket(type, zxid === undefined ? -1 : zxidFrom(zxid), dataOf(type, values, quoted), null);
}

export function zxidText(zxid: number): string {
  return zxid < 0 ? String(zxid) : `${epochOf(zxid as Zxid)}:${counterOf(zxid as Zxid)}`;
}

/** `1:5`, or `1:0xffffffff`. */
export function zxidFrom(text: string): Zxid {
  const [epoch, counter] = text.split(':');
  return zxidOf(Number(epoch), Number(counter));
}

export function entryOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function entryText(entry: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(entry));
}

function dataText(type: number, data: Uint8Array): string[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (type) {
    case QuorumPacketType.FOLLOWERINFO:
    case QuorumPacketType.OBSERVERINFO: {
      if (data.length !== 20) return [entryText(data)];
      const words = [`sid=${view.getBigInt64(0)}`, `config=${zxidText(Number(view.getBigInt64(12)))}`];
      const protocol = view.getInt32(8);
      return protocol === ZAB_PROTOCOL_VERSION ? words : [...words, `protocol=${protocol}`];
    }
    case QuorumPacketType.LEADERINFO: {
      const protocol = view.getInt32(0);
      return protocol === ZAB_PROTOCOL_VERSION ? [] : [`protocol=${protocol}`];
    }
    case QuorumPacketType.ACKEPOCH:
      return [`current=${view.getInt32(0)}`];
    case QuorumPacketType.COMMITANDACTIVATE:
      return [`leader=${view.getBigInt64(0)}`];
    case QuorumPacketType.INFORMANDACTIVATE:
      return [`leader=${view.getBigInt64(0)}`, entryText(data.subarray(8))];
    default:
      return [entryText(data)];
  }
}

function dataOf(
  type: number,
  values: ReadonlyMap<string, string>,
  quoted: string | undefined,
): Uint8Array | null {
  const w = new JuteWriter();
  switch (type) {
    case QuorumPacketType.FOLLOWERINFO:
    case QuorumPacketType.OBSERVERINFO: {
      if (quoted !== undefined) return entryOf(quoted);
      const sid = values.get('sid');
      if (sid === undefined) return null;
      const protocol = Number(values.get('protocol') ?? ZAB_PROTOCOL_VERSION);
      new LearnerInfo(Number(sid), protocol, zxidFrom(values.get('config') ?? '0:0')).write(w);
      return w.copy();
    }
    case QuorumPacketType.LEADERINFO:
      w.writeInt(Number(values.get('protocol') ?? ZAB_PROTOCOL_VERSION));
      return w.copy();
    case QuorumPacketType.ACKEPOCH: {
      const current = values.get('current');
      if (current === undefined) return quoted === undefined ? null : entryOf(quoted);
      w.writeInt(Number(current));
      return w.copy();
    }
    case QuorumPacketType.COMMITANDACTIVATE:
    case QuorumPacketType.INFORMANDACTIVATE: {
      const data = entryOf(quoted ?? '');
      w.writeLongNumber(Number(values.get('leader')));
      w.writeRaw(data);
      return w.copy();
    }
    default:
      return quoted === undefined ? null : entryOf(quoted);
  }
}

const NAMES = new Map<number, string>(Object.entries(QuorumPacketType).map(([name, type]) => [type, name]));

import {
  ENTRY_BYTES_MIN,
  ENTRY_ZXID_AT,
  type SnapshotInfo,
  type Storage,
  type TxnLog,
} from '@corral/persistence';
import { zxidOf, type Zxid } from '@corral/protocol';

export function zxids(first: number, last: number): Zxid[] {
  return Array.from({ length: last - first + 1 }, (_, i) => zxidOf(0, first + i));
}

export function entry(zxid: Zxid, length: number = ENTRY_BYTES_MIN + 8): Uint8Array {
  const bytes = new Uint8Array(length).fill(zxid & 0xff);
  new DataView(bytes.buffer).setBigInt64(ENTRY_ZXID_AT, BigInt(zxid));
  return bytes;
}

export function append(log: TxnLog, first: number, last: number): void {
  for (const zxid of zxids(first, last)) log.append(zxid, entry(zxid));
}

/** Each in a record of its own. */
export async function appendOneByOne(log: TxnLog, first: number, last: number): Promise<void> {
  for (const zxid of zxids(first, last)) {
    log.append(zxid, entry(zxid));
    await log.sync();
  }
}

/** The zxids of what is whole and as it was appended; throws where something is not. */
export async function found({ log }: { readonly log: TxnLog }): Promise<number[]> {
  const all: number[] = [];
  await log.read(zxidOf(0, 0), ({ zxid, bytes }) => {
    if (Buffer.compare(bytes, entry(zxid, bytes.length)) !== 0) throw new Error(`entry ${zxid} is another`);
    all.push(zxid);
  });
  return all;
}

export async function snapshot(storage: Storage, zxid: number, ...chunks: string[]): Promise<SnapshotInfo> {
  const sink = await storage.snapshots.create(zxidOf(0, zxid));
  for (const chunk of chunks) await sink.write(new TextEncoder().encode(chunk));
  return sink.commit({ lastProcessedZxid: zxidOf(0, zxid) });
}

export async function load(storage: Storage, info: SnapshotInfo, length: number): Promise<string> {
  let text = '';
  await storage.snapshots.load(info, {
    get ended() {
      return text.length >= length;
    },
    push(chunk) {
      text += new TextDecoder().decode(chunk);
      return chunk.length;
    },
  });
  return text;
}

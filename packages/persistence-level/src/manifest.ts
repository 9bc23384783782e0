import type { SnapshotTrailer } from '@corral/persistence';
import { toZxid } from '@corral/protocol';
import { damagedRecord, packRecord, unpackRecord } from './records.ts';

/** What makes chunks a snapshot. */
export interface Manifest {
  readonly generation: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly trailer: SnapshotTrailer;
}

export function packManifest(key: Buffer, { generation, chunks, bytes, trailer }: Manifest): Buffer {
  const { digest, lastProcessedZxid } = trailer;
  const content: Content = [
    generation,
    chunks,
    bytes,
    digest === undefined ? null : [digest.zxid, digest.version, digest.value.toString(16)],
    lastProcessedZxid ?? null,
  ];
  return packRecord(key, content);
}

/** @throws PersistenceError `DAMAGED` */
export function readManifest(key: Buffer, value: Buffer, file: string): Manifest {
  const content = unpackRecord(key, value, file);
  if (!Array.isArray(content) || content.length !== 5) throw damagedRecord(key, file, 'not a manifest');
  const [generation, chunks, bytes, digest, lastProcessedZxid] = content as Content;
  return {
    generation,
    chunks,
    bytes,
    trailer: {
      digest:
        digest === null
          ? undefined
          : { zxid: toZxid(digest[0]), version: digest[1], value: BigInt(`0x${digest[2]}`) },
      lastProcessedZxid: lastProcessedZxid === null ? undefined : toZxid(lastProcessedZxid),
    },
  };
}

type Content = [
  generation: number,
  chunks: number,
  bytes: number,
  digest: [zxid: number, version: number, value: string] | null,
  lastProcessedZxid: number | null,
];

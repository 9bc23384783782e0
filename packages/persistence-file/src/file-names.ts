import { zxidToHex, type Zxid } from '@corral/protocol';

/** How the bytes of a snapshot are packed; the suffix of its name (Java: SnapStream.StreamMode). */
export type SnapshotCompression = '' | 'gz' | 'snappy';

/** `log.<zxid of its first entry>` (Java: Util.makeLogName). */
export function logName(zxid: Zxid): string {
  return `log.${zxidToHex(zxid)}`;
}

/** Undefined where `name` is not one that `logName` makes. */
export function parseLogName(name: string): Zxid | undefined {
  const found = LOG_NAME.exec(name);
  return found === null ? undefined : parseHex(found[1]!);
}

/** Whether Apache would take the file for a log: it looks at what stands before the first and the second dot. */
export function isClaimedAsLog(name: string): boolean {
  return name.startsWith('log.');
}

export function snapshotName(zxid: Zxid, compression: SnapshotCompression): string {
  return `snapshot.${zxidToHex(zxid)}${compression === '' ? '' : `.${compression}`}`;
}

export interface SnapshotName {
  readonly zxid: Zxid;
  readonly compression: SnapshotCompression;
}

/** Undefined where `name` is not one that `snapshotName` makes. */
export function parseSnapshotName(name: string): SnapshotName | undefined {
  const found = SNAPSHOT_NAME.exec(name);
  if (found === null) return undefined;
  const zxid = parseHex(found[1]!);
  return zxid === undefined ? undefined : { zxid, compression: (found[2] ?? '') as SnapshotCompression };
}

/**
 * Names that Apache overlooks: it reads "log.5.torn" as a log and "snapshot.5.tmp" as a snapshot, because only what
 * stands before the first dot and the second counts.
 */
export function temporaryName(name: string): string {
  return `${TEMPORARY_PREFIX}${name}`;
}

export function isTemporaryName(name: string): boolean {
  return name.startsWith(TEMPORARY_PREFIX);
}

/** The copy of what was cut off the log `name` at `offset`. */
export function tornName(name: string, offset: number): string {
  return `torn-${name}-at-${offset}`;
}

const TEMPORARY_PREFIX = 'unfinished-';
const LOG_NAME = /^log\.([0-9a-f]{1,16})$/;
const SNAPSHOT_NAME = /^snapshot\.([0-9a-f]{1,16})(?:\.(gz|snappy))?$/;

function parseHex(text: string): Zxid | undefined {
  const value = Number.parseInt(text, 16);
  return Number.isSafeInteger(value) ? (value as Zxid) : undefined;
}

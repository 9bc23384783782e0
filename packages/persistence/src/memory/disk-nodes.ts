import { SparseBytes } from './sparse-bytes.ts';

/**
 * Something that was done and is not durable yet. `sequence` orders all changes of a disk; a power cut keeps, loses
 * or tears each by itself.
 */
export type PendingChange = PendingWrite | PendingTruncate | PendingEntries;

export interface PendingWrite {
  readonly kind: 'write';
  readonly sequence: number;
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface PendingTruncate {
  readonly kind: 'truncate';
  readonly sequence: number;
  readonly length: number;
}

/** Entries of a directory that change together: one for making or removing, two for a rename. */
export interface PendingEntries {
  readonly kind: 'entries';
  readonly sequence: number;
  readonly entries: readonly (readonly [name: string, node: DiskNode | undefined])[];
}

export type DiskNode = FileNode | DirectoryNode;

/** A file: what programs see, what a power cut cannot take away, and the difference. */
export class FileNode {
  current: SparseBytes = new SparseBytes();
  durable: SparseBytes = new SparseBytes();
  pending: (PendingWrite | PendingTruncate)[] = [];

  write(sequence: number, bytes: Uint8Array, at: number): void {
    this.current.write(bytes, at);
    this.pending.push({ kind: 'write', sequence, at, bytes: bytes.slice() });
  }

  truncate(sequence: number, length: number): void {
    this.current.truncate(length);
    this.pending.push({ kind: 'truncate', sequence, length });
  }

  /** Not `durable = current`: a failed sync may have lost changes that programs still see. */
  datasync(): void {
    for (const change of this.pending) {
      if (change.kind === 'write') this.durable.write(change.bytes, change.at);
      else this.durable.truncate(change.length);
    }
    this.pending = [];
  }

  /** The kernel marks the pages clean although they never reached the medium (fsyncgate). */
  failDatasync(): void {
    this.pending = [];
  }
}

export class DirectoryNode {
  readonly current: Map<string, DiskNode> = new Map();
  readonly durable: Map<string, DiskNode> = new Map();
  pending: PendingEntries[] = [];

  change(sequence: number, ...entries: [name: string, node: DiskNode | undefined][]): void {
    applyEntries(this.current, entries);
    this.pending.push({ kind: 'entries', sequence, entries });
  }

  sync(): void {
    for (const { entries } of this.pending) applyEntries(this.durable, entries);
    this.pending = [];
  }
}

export function applyEntries(into: Map<string, DiskNode>, entries: PendingEntries['entries']): void {
  for (const [name, node] of entries) {
    if (node === undefined) into.delete(name);
    else into.set(name, node);
  }
}

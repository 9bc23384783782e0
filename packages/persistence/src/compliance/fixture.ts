import type { Storage } from '../storage.ts';

/**
 * What an adapter can be put through:
 * - `crash`: the fixture can lose what was not synced;
 * - `failing-sync`: the fixture can make a sync fail.
 */
export type StorageCapability = 'crash' | 'failing-sync';

/** Makes places to store things in. An adapter's author writes one. */
export interface StorageFactory {
  /** What every fixture of this factory can do. Cases that require more are not run. */
  readonly capabilities: readonly StorageCapability[];
  /** A new, empty place. */
  create(): Promise<StorageFixture>;
}

/** One place, opened and left again and again. */
export interface StorageFixture {
  open(): Promise<Storage>;
  /** Cuts the power: the storage that is open is dead, and what it had not made durable is gone. */
  crash(): Promise<void>;
  /** Makes the next sync of the log reject. */
  failSync(): void;
  dispose(): Promise<void>;
}

export interface ComplianceCase {
  /** A sentence of the contract. */
  readonly name: string;
  readonly requires: readonly StorageCapability[];
  /** Rejects with an AssertionError where the adapter breaks the contract. */
  readonly run: (factory: StorageFactory) => Promise<void>;
}

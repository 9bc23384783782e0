import type { SnapshotBody, SnapshotTrailer, Storage } from '@corral/persistence';
import type { Zxid } from '@corral/protocol';
import type { CollectingMetrics, Diagnostics, Logger, Runtime } from '@corral/runtime';
import type { Address, Transport } from '@corral/transport';
import type { AuditSink } from './audit.ts';
import type { ClientListening } from './client-listeners.ts';
import type { ServerConfig } from './config.ts';
import type { ConfigStore } from './config-store.ts';
import type { MemberProbe } from './probe.ts';
import type { ServerView } from './four-letter-words/index.ts';

export interface ServerOptions {
  readonly config: ServerConfig;
  readonly runtime: Runtime;
  readonly transport: Transport;
  /** Other ways in for clients, beside the client port: opened and closed with it, and never moved. */
  readonly alsoListen?: readonly ClientListening[];
  /** Opened. It belongs to the server from here on, which closes it, also when starting fails. */
  readonly storage: Storage;
  readonly logger: Logger;
  readonly metrics: CollectingMetrics;
  /** Where every request that is answered can be listened to: the channel `corral:server:request`. */
  readonly diagnostics?: Diagnostics;
  /** To be told who changes what; nobody is unless it is there. */
  readonly audit?: AuditSink;
  /**
   * The secret behind `keyed` session passwords, 16 bytes or more. It must be the same after a restart: without it
   * one is made up, and no session survives one.
   */
  readonly sessionPasswordKey?: Uint8Array;
  /** Of a member of an ensemble: without it reconfigurations are forgotten with the process. */
  readonly configStore?: ConfigStore;
  /** Of a member of an ensemble: for proofs, which look at it from within. */
  readonly probe?: MemberProbe;
  /** What `srvr` calls the version: `fullVersion(...)`. */
  readonly version?: string;
  /** What `envi` shows of the machine and the process. */
  readonly environment?: () => Iterable<readonly [name: string, value: string]>;
}

/** A snapshot that is to take the place of what a server has. */
export interface SnapshotSource {
  /** Feeds the body to `body`. Resolves with what followed it, once all of it was there and every checksum was right. */
  load(body: SnapshotBody): Promise<SnapshotTrailer>;
}

export interface Server {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: Address;
  /**
   * Puts another tree in the place of the one that is served, sessions and all. Nothing is changed before all of it has
   * come. Then what was taken in is answered, all connections end, the tree is made durable, and clients may come
   * again; those whose session is not in it are told that it has expired. Its changes count as one transaction: the
   * zxid that this resolves with is above all before.
   *
   * @throws PersistenceError or whatever `source` throws where there is no such tree, RangeError where one is being
   * restored, or the server stops, or is a member of an ensemble, whose tree is not its own affair
   */
  restore(source: SnapshotSource): Promise<Zxid>;
  /**
   * Stops: accepts and reads nothing more, answers every write it has taken, ends all connections, syncs and closes
   * the storage. Sessions live on, to be taken over after a restart. Resolves when all of that is done.
   */
  close(): Promise<void>;
  /**
   * Resolves, with the reason, if the server had to stop by itself: after a failed sync nobody knows what is on the
   * medium, so it serves nobody from that moment. `close` is still to be called.
   */
  readonly failed: Promise<Error>;
  readonly view: ServerView;
}

import type { ClientConnection } from './connection.ts';
import type { ServerMode } from './four-letter-words/index.ts';
import type { Sessions } from './sessions.ts';

/** What a server does by itself and what it leaves to a leader: the difference between its modes, as its clients' port sees it. */
export interface Role {
  readonly mode: ServerMode;
  readonly sessions: Sessions;
  readonly writes: Writes;
  readonly entrance: Entrance;
  /** Clients may come. @param excuse is called before sessions expire, for those whose silence is our own fault */
  start(excuse: (now: number) => void): void;
  stop(): void;
  /** Calls `passed` once everything that was taken so far has been applied, as far as this server decides it. */
  whenApplied(passed: () => void): void;
}

/** Where requests go that cannot be answered from the local tree. */
export interface Writes {
  /** New bytes have arrived, maybe where others were. */
  beginTurn(): void;
  /**
   * Takes one request: the frame `bytes[start, end)`, valid during the call. False where it is nothing for the leader or
   * cannot be read: it is answered in its turn like a read.
   */
  take(
    connection: ClientConnection,
    bytes: Uint8Array,
    start: number,
    end: number,
    xid: number,
    type: number,
    now: number,
    largeBytes: number,
  ): boolean;
}

/** How a connection comes by its session. The connection is held until it is answered. */
export interface Entrance {
  /** It wants a new one. */
  create(connection: ClientConnection, now: number): void;
  /** It has one from before, here or elsewhere, and has shown its password. */
  reattach(connection: ClientConnection, id: bigint, now: number): void;
}

import type { SessionState } from './session-machine.ts';

/**
 * What a program may look on at: for logs, metrics, traces, `node:diagnostics_channel`. Calls are made in the middle of
 * the work; they must be quick and must not throw.
 */
export interface Observer {
  stateChanged?(state: SessionState, previous: SessionState, reason: string | undefined): void;
  /** A server was tried in vain, or a connection was lost. */
  serverFailed?(server: string, reason: string): void;
  requestSent?(op: string, path: string | undefined, xid: number): void;
  /** `code`: ZooKeeper's number, 0 for success. */
  requestAnswered?(op: string, path: string | undefined, xid: number, code: number): void;
  /** The path is the server's, with any chroot. */
  watchFired?(eventType: number, serverPath: string): void;
}

import type { SessionState } from './session-machine.ts';

/**
 * What a program may look on at: for logs, metrics and traces. Calls are made in the middle of the work; they must be
 * quick and must not throw.
 */
export interface Observer {
  stateChanged?(state: SessionState, previous: SessionState, reason: string | undefined): void;
  /** A server has taken the session up. */
  serverReached?(server: string): void;
  /** A server was tried in vain, or a connection was lost. */
  serverFailed?(server: string, reason: string): void;
  /** Something is asked for: called in the context of its caller. What it returns hears what becomes of it. */
  requestMade?(request: ObservedRequest): RequestObserver | undefined;
  /** The path is the server's, with any chroot; the zxid -1 where the server told none (before 3.9). Before anybody is told. */
  watchFired?(eventType: number, serverPath: string, zxid: number): void;
}

export interface ObservedRequest {
  /** The name of the opcode. */
  readonly op: string;
  /** As the caller wrote it. */
  readonly path: string | undefined;
}

export interface RequestObserver {
  /** It is on its way. More than once where a read was cut off and is asked again. */
  sent?(xid: number): void;
  /** Its promise is settled: resolved, where there is no error. */
  ended?(error: unknown): void;
}

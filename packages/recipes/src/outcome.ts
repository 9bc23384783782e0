import {
  AuthFailedError,
  type Client,
  ClosedError,
  ConnectionLossError,
  OutcomeUnknownError,
  RequestTimeoutError,
  SessionExpiredError,
  type SessionState,
  ThrottledOpError,
} from '@corral/client';

/** It may have happened, or may yet. */
export function isUnknown(error: unknown): boolean {
  return error instanceof OutcomeUnknownError || error instanceof RequestTimeoutError;
}

/** The session has ended, and another follows. */
export function isReplaced(client: Client, error: unknown): boolean {
  return error instanceof SessionExpiredError && !isSessionOver(client, error);
}

/** Nothing will ever be answered by this client again. */
export function isSessionOver(client: Client, error: unknown): boolean {
  if (error instanceof ClosedError || error instanceof AuthFailedError) return true;
  return error instanceof SessionExpiredError && OVER.has(client.state);
}

/** The same may well succeed in a while: also in the session that follows one that has expired. */
export function isPassing(client: Client, error: unknown): boolean {
  return (
    error instanceof ConnectionLossError ||
    error instanceof RequestTimeoutError ||
    error instanceof ThrottledOpError ||
    isReplaced(client, error)
  );
}

const OVER: ReadonlySet<SessionState> = new Set<SessionState>(['expired', 'authFailed', 'closed']);

import { ErrorCode } from '@corral/protocol';
import { AuthFailedError, ClosedError, CLOSING, SessionExpiredError } from './errors.ts';
import type { Operation } from './operation.ts';
import type { SessionState } from './session-machine.ts';

/** What nobody can ask for any more, and why; undefined while the session may go on. */
export function endedError(
  state: SessionState,
  isClosing: boolean,
  op: string,
  path?: string,
): Error | undefined {
  if (isClosing) return new ClosedError(CLOSING, op, path, { detail: 'the client was closed' });
  if (state === 'expired') return new SessionExpiredError(ErrorCode.SESSIONEXPIRED, op, path);
  if (state === 'authFailed') return new AuthFailedError(ErrorCode.AUTHFAILED, op, path);
  return undefined;
}

/** One more would be too many. */
export function tooManyPending(operation: Operation<unknown>, pendingMax: number): Error {
  return operation.error(ErrorCode.THROTTLEDOP, `${pendingMax} requests are pending already (pendingMax)`);
}

export function tooMuchUnsent(operation: Operation<unknown>, unsent: number): Error {
  return operation.error(ErrorCode.THROTTLEDOP, `${unsent} bytes wait for the network already (unsentMax)`);
}

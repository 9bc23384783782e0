import { ErrorCode, errorName } from '@corral/protocol';

export interface ZkErrorDetails {
  /** Why, for people, where ZooKeeper's name of the code says too little. */
  readonly detail?: string;
  /** Which operation of a transaction it was. */
  readonly index?: number;
  readonly cause?: unknown;
}

/** An outcome that ZooKeeper has a number for. There is a class for each, so `instanceof` tells them apart. */
export class ZkError extends Error {
  override readonly name: string = 'ZkError';
  /** ZooKeeper's number (KeeperException.Code). */
  readonly code: number;
  /** What was asked for: the name of the opcode. */
  readonly op: string;
  /** As the caller wrote it, without any chroot. */
  readonly path: string | undefined;
  /** Which operation of a transaction failed, counted from 0. */
  readonly index: number | undefined;

  constructor(code: number, op: string, path?: string, details: ZkErrorDetails = {}) {
    super(
      messageOf(code, op, path, details),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.op = op;
    this.path = path;
    this.index = details.index;
  }
}

export class SystemError extends ZkError {
  override readonly name = 'SystemError';
}
/** An operation of a transaction that was not looked at, because one before it had failed. */
export class RuntimeInconsistencyError extends ZkError {
  override readonly name = 'RuntimeInconsistencyError';
}
export class DataInconsistencyError extends ZkError {
  override readonly name = 'DataInconsistencyError';
}
/** No connection, or not any more. A write is known not to have happened: else it is an `OutcomeUnknownError`. */
export class ConnectionLossError extends ZkError {
  override readonly name: string = 'ConnectionLossError';
}
/** The connection was lost between a write and its reply: it may have happened, or may yet happen, or not. */
export class OutcomeUnknownError extends ConnectionLossError {
  override readonly name = 'OutcomeUnknownError';
}
export class MarshallingError extends ZkError {
  override readonly name = 'MarshallingError';
}
/** The server does not know the operation (it is older), or is not configured to allow it. */
export class UnimplementedError extends ZkError {
  override readonly name = 'UnimplementedError';
}
export class OperationTimeoutError extends ZkError {
  override readonly name = 'OperationTimeoutError';
}
export class BadArgumentsError extends ZkError {
  override readonly name = 'BadArgumentsError';
}
export class UnknownSessionError extends ZkError {
  override readonly name = 'UnknownSessionError';
}
export class NewConfigNoQuorumError extends ZkError {
  override readonly name = 'NewConfigNoQuorumError';
}
export class ReconfigInProgressError extends ZkError {
  override readonly name = 'ReconfigInProgressError';
}
export class ApiError extends ZkError {
  override readonly name = 'ApiError';
}
export class NoNodeError extends ZkError {
  override readonly name = 'NoNodeError';
}
export class NoAuthError extends ZkError {
  override readonly name = 'NoAuthError';
}
export class BadVersionError extends ZkError {
  override readonly name = 'BadVersionError';
}
export class NoChildrenForEphemeralsError extends ZkError {
  override readonly name = 'NoChildrenForEphemeralsError';
}
export class NodeExistsError extends ZkError {
  override readonly name = 'NodeExistsError';
}
export class NotEmptyError extends ZkError {
  override readonly name = 'NotEmptyError';
}
export class SessionExpiredError extends ZkError {
  override readonly name = 'SessionExpiredError';
}
export class InvalidCallbackError extends ZkError {
  override readonly name = 'InvalidCallbackError';
}
export class InvalidAclError extends ZkError {
  override readonly name = 'InvalidAclError';
}
export class AuthFailedError extends ZkError {
  override readonly name = 'AuthFailedError';
}
/** The client was closed. It has no number on the wire; the C client calls it ZCLOSING. */
export class ClosedError extends ZkError {
  override readonly name = 'ClosedError';
}
export class SessionMovedError extends ZkError {
  override readonly name = 'SessionMovedError';
}
export class NotReadOnlyError extends ZkError {
  override readonly name = 'NotReadOnlyError';
}
export class EphemeralOnLocalSessionError extends ZkError {
  override readonly name = 'EphemeralOnLocalSessionError';
}
export class NoWatcherError extends ZkError {
  override readonly name = 'NoWatcherError';
}
/** The server did not answer in time; the connection was given up, so a write's outcome is unknown. */
export class RequestTimeoutError extends ZkError {
  override readonly name = 'RequestTimeoutError';
}
export class ReconfigDisabledError extends ZkError {
  override readonly name = 'ReconfigDisabledError';
}
export class SessionClosedRequireSaslAuthError extends ZkError {
  override readonly name = 'SessionClosedRequireSaslAuthError';
}
export class QuotaExceededError extends ZkError {
  override readonly name = 'QuotaExceededError';
}
export class ThrottledOpError extends ZkError {
  override readonly name = 'ThrottledOpError';
}

/** C client: ZCLOSING. */
export const CLOSING = -116;

/** The error of this number, of the class that is its own; a plain `ZkError` for a number of a later version. */
export function zkError(code: number, op: string, path?: string, details?: ZkErrorDetails): ZkError {
  const ErrorClass = CLASSES.get(code) ?? ZkError;
  return new ErrorClass(code, op, path, details);
}

function messageOf(code: number, op: string, path: string | undefined, details: ZkErrorDetails): string {
  const name = code === CLOSING ? 'CLOSING' : errorName(code);
  const at = details.index === undefined ? '' : ` (operation ${details.index})`;
  const what = path === undefined ? op : `${op} ${path}`;
  return `${name} (${code}): ${what}${at}${details.detail === undefined ? '' : `: ${details.detail}`}`;
}

const CLASSES: ReadonlyMap<number, typeof ZkError> = new Map<number, typeof ZkError>([
  [ErrorCode.SYSTEMERROR, SystemError],
  [ErrorCode.RUNTIMEINCONSISTENCY, RuntimeInconsistencyError],
  [ErrorCode.DATAINCONSISTENCY, DataInconsistencyError],
  [ErrorCode.CONNECTIONLOSS, ConnectionLossError],
  [ErrorCode.MARSHALLINGERROR, MarshallingError],
  [ErrorCode.UNIMPLEMENTED, UnimplementedError],
  [ErrorCode.OPERATIONTIMEOUT, OperationTimeoutError],
  [ErrorCode.BADARGUMENTS, BadArgumentsError],
  [ErrorCode.UNKNOWNSESSION, UnknownSessionError],
  [ErrorCode.NEWCONFIGNOQUORUM, NewConfigNoQuorumError],
  [ErrorCode.RECONFIGINPROGRESS, ReconfigInProgressError],
  [ErrorCode.APIERROR, ApiError],
  [ErrorCode.NONODE, NoNodeError],
  [ErrorCode.NOAUTH, NoAuthError],
  [ErrorCode.BADVERSION, BadVersionError],
  [ErrorCode.NOCHILDRENFOREPHEMERALS, NoChildrenForEphemeralsError],
  [ErrorCode.NODEEXISTS, NodeExistsError],
  [ErrorCode.NOTEMPTY, NotEmptyError],
  [ErrorCode.SESSIONEXPIRED, SessionExpiredError],
  [ErrorCode.INVALIDCALLBACK, InvalidCallbackError],
  [ErrorCode.INVALIDACL, InvalidAclError],
  [ErrorCode.AUTHFAILED, AuthFailedError],
  [CLOSING, ClosedError],
  [ErrorCode.SESSIONMOVED, SessionMovedError],
  [ErrorCode.NOTREADONLY, NotReadOnlyError],
  [ErrorCode.EPHEMERALONLOCALSESSION, EphemeralOnLocalSessionError],
  [ErrorCode.NOWATCHER, NoWatcherError],
  [ErrorCode.REQUESTTIMEOUT, RequestTimeoutError],
  [ErrorCode.RECONFIGDISABLED, ReconfigDisabledError],
  [ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH, SessionClosedRequireSaslAuthError],
  [ErrorCode.QUOTAEXCEEDED, QuotaExceededError],
  [ErrorCode.THROTTLEDOP, ThrottledOpError],
]);

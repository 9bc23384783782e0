import { ClosedError, ConnectionLossError, ZkError } from '@corral/client';
import { ErrorCode } from '@corral/protocol';
import { CommandError, ExitCode } from './exit-code.ts';

export interface Failure {
  readonly exitCode: ExitCode;
  /** For people: what `zkCli.sh` says (CliWrapperException), where it knows the case. */
  readonly message: string;
}

/** What is told of an error, and with which exit code a command ends for it. Never a stack trace. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommandError) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof ClosedError) return { exitCode: ExitCode.connection, message: 'Not connected' };
  if (error instanceof ZkError) return { exitCode: exitCodeOf(error), message: messageOf(error) };
  // Arguments that the client refuses before anything is sent.
  if (error instanceof TypeError || error instanceof RangeError)
    return { exitCode: ExitCode.usage, message: error.message };
  if (error instanceof Error) return { exitCode: ExitCode.unexpected, message: error.message };
  return { exitCode: ExitCode.unexpected, message: String(error) };
}

function exitCodeOf(error: ZkError): ExitCode {
  switch (error.code) {
    case ErrorCode.NONODE:
      return ExitCode.noNode;
    case ErrorCode.NODEEXISTS:
      return ExitCode.nodeExists;
    case ErrorCode.BADVERSION:
      return ExitCode.badVersion;
    case ErrorCode.NOAUTH:
    case ErrorCode.AUTHFAILED:
    case ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH:
      return ExitCode.noAuth;
    case ErrorCode.CONNECTIONLOSS:
    case ErrorCode.SESSIONEXPIRED:
    case ErrorCode.SESSIONMOVED:
      return ExitCode.connection;
    case ErrorCode.OPERATIONTIMEOUT:
    case ErrorCode.REQUESTTIMEOUT:
      return ExitCode.timeout;
    default:
      return ExitCode.refused;
  }
}

function messageOf(error: ZkError): string {
  const { code, path } = error;
  // Which servers were tried, and what each of them said, is in the client's own words.
  if (error instanceof ConnectionLossError && error.op === 'connect') return error.message;
  const known = CLI_WORDS[code];
  if (known !== undefined) return known.endsWith(': ') ? `${known}${path ?? 'null'}` : known;
  const name = CODE_WORDS[code] ?? `Unknown error ${code}`;
  return path === undefined ? `KeeperErrorCode = ${name}` : `KeeperErrorCode = ${name} for ${path}`;
}

/** CliWrapperException. */
const CLI_WORDS: Readonly<Record<number, string>> = {
  [ErrorCode.NONODE]: 'Node does not exist: ',
  [ErrorCode.NOCHILDRENFOREPHEMERALS]: 'Ephemerals cannot have children: ',
  [ErrorCode.NODEEXISTS]: 'Node already exists: ',
  [ErrorCode.NOTEMPTY]: 'Node not empty: ',
  [ErrorCode.NOTREADONLY]: 'Not a read-only call: ',
  [ErrorCode.INVALIDACL]: 'Acl is not valid : ',
  [ErrorCode.NOAUTH]: 'Insufficient permission : ',
  [ErrorCode.BADARGUMENTS]: 'Arguments are not valid : ',
  [ErrorCode.BADVERSION]: 'version No is not valid : ',
  [ErrorCode.QUOTAEXCEEDED]: 'Quota has exceeded : ',
  [ErrorCode.RECONFIGINPROGRESS]:
    'Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)',
  [ErrorCode.NEWCONFIGNOQUORUM]:
    'No quorum of new config is connected and up-to-date with the leader of last commmitted config - try invoking reconfiguration after new servers are connected and synced',
};

/** KeeperException.getCodeMessage. */
const CODE_WORDS: Readonly<Record<number, string>> = {
  [ErrorCode.SYSTEMERROR]: 'SystemError',
  [ErrorCode.RUNTIMEINCONSISTENCY]: 'RuntimeInconsistency',
  [ErrorCode.DATAINCONSISTENCY]: 'DataInconsistency',
  [ErrorCode.CONNECTIONLOSS]: 'ConnectionLoss',
  [ErrorCode.MARSHALLINGERROR]: 'MarshallingError',
  [ErrorCode.UNIMPLEMENTED]: 'Unimplemented',
  [ErrorCode.OPERATIONTIMEOUT]: 'OperationTimeout',
  [ErrorCode.APIERROR]: 'APIError',
  [ErrorCode.AUTHFAILED]: 'AuthFailed',
  [ErrorCode.SESSIONEXPIRED]: 'Session expired',
  [ErrorCode.INVALIDCALLBACK]: 'Invalid callback',
  [ErrorCode.SESSIONMOVED]: 'Session moved',
  [ErrorCode.EPHEMERALONLOCALSESSION]: 'Ephemeral node on local session',
  [ErrorCode.NOWATCHER]: 'No such watcher',
  [ErrorCode.RECONFIGDISABLED]: 'Reconfig is disabled',
  [ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH]: 'Session closed because client failed to authenticate',
  [ErrorCode.THROTTLEDOP]: 'Op throttled due to high load',
};

import { PersistenceError } from '@corral/persistence';
import { TransportError, type TransportErrorCode } from '@corral/transport';
import type { Settings } from './config/settings.ts';
import { ExitCode, StartFailure } from './exit-code.ts';

/** Says in one sentence what kept the server from starting. What nobody foresaw is passed on as it is. */
export function toStartFailure(error: unknown, settings: Settings): unknown {
  if (error instanceof TransportError) return transportFailure(error, settings);
  if (error instanceof PersistenceError) return persistenceFailure(error);
  return error;
}

function transportFailure(error: TransportError, { server }: Settings): StartFailure {
  const exitCode = error.code === 'NAME_NOT_FOUND' ? ExitCode.invalidInvocation : ExitCode.unexpected;
  const where = `port ${server.clientPort} of ${server.clientPortAddress}`;
  return new StartFailure(exitCode, `Cannot listen on ${where}: ${REASONS[error.code] ?? error.message}`, {
    cause: error,
  });
}

const REASONS: Readonly<Partial<Record<TransportErrorCode, string>>> = {
  ADDRESS_IN_USE: 'Address already in use',
  ADDRESS_UNAVAILABLE: 'this machine has no such address',
  ACCESS_DENIED: 'this user may not',
  NAME_NOT_FOUND: 'no such name is known',
};

function persistenceFailure(error: PersistenceError): StartFailure {
  if (error.code === 'DAMAGED' || error.code === 'CLOSED')
    return new StartFailure(
      ExitCode.unexpected,
      `Unable to load database, exiting abnormally. ${withCause(error)}`,
      {
        cause: error,
      },
    );
  const place = error.file ?? 'the data directory';
  const sentence =
    error.code === 'NOT_FOUND'
      ? `Missing data directory ${place}, automatic data directory creation is disabled` +
        ' (zookeeper.datadir.autocreate is false). Please create this directory manually.'
      : error.message;
  return new StartFailure(
    ExitCode.dataDirectory,
    `Unable to access datadir, exiting abnormally. ${sentence}`,
    {
      cause: error,
    },
  );
}

/** Where the last of several attempts is what matters, it is the cause. */
function withCause(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

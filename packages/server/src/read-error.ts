import { JuteError } from '@corral/jute';
import { ErrorCode, ProtocolError } from '@corral/protocol';

/**
 * What a request gets that cannot be read. Text that is no UTF-8 is a bad argument: Java reads it as text with
 * replacement characters, which no path may hold.
 *
 * @throws the cause itself where it is neither: then the fault is ours
 */
export function readErrorOf(cause: unknown): number {
  if (cause instanceof JuteError) {
    return cause.code === 'BAD_TEXT' ? ErrorCode.BADARGUMENTS : ErrorCode.MARSHALLINGERROR;
  }
  if (cause instanceof ProtocolError) return ErrorCode.MARSHALLINGERROR;
  throw cause;
}

/**
 * Why a configuration of an ensemble is none.
 *
 * - `FORMAT`: a line is not what it should be, or contradicts another (Java's ConfigException). A reconfiguration that
 *   brings it is answered with BADARGUMENTS.
 * - `VALUE`: a number is none or out of its range, or there are no servers to vote (Java's IllegalArgumentException).
 *   A reconfiguration that brings it is answered with MARSHALLINGERROR.
 */
export type QuorumConfigErrorCode = 'FORMAT' | 'VALUE';

export class QuorumConfigError extends Error {
  readonly code: QuorumConfigErrorCode;
  /** The line of the text, from 1, where one line is to blame. */
  readonly line: number | undefined;

  constructor(code: QuorumConfigErrorCode, message: string, line?: number) {
    super(message.length > MESSAGE_MAX ? `${message.slice(0, MESSAGE_MAX)}...` : message);
    this.name = 'QuorumConfigError';
    this.code = code;
    this.line = line;
  }

  /** The same, with the line it is about. */
  at(line: number): QuorumConfigError {
    return new QuorumConfigError(this.code, this.message, line);
  }
}

/**
 * The most servers, groups' members and weights of one configuration. Apache knows no bound; the server id is one byte
 * of a session id.
 */
export const SERVERS_MAX = 1000;
/** The most addresses of one server. */
export const ADDRESSES_MAX = 100;

export function tooMany(what: string, line?: number): QuorumConfigError {
  return new QuorumConfigError('FORMAT', `a configuration with ${what}`, line);
}

/** What is quoted may be as long as a frame. */
const MESSAGE_MAX = 500;

import { utf8Decode } from '@corral/jute';
import { OpCode } from '@corral/protocol';

/**
 * The path of the request in the frame `bytes[start, end)`, header included, where it begins with one. For those who look
 * on only: cut, and never a reason to fail.
 */
export function requestPath(type: number, bytes: Uint8Array, start: number, end: number): string | undefined {
  if (PATHLESS.has(type) || end - start < REQUEST_HEADER_BYTES + 4) return undefined;
  const lengthAt = start + REQUEST_HEADER_BYTES;
  const at = lengthAt + 4;
  const length =
    (bytes[lengthAt]! << 24) |
    (bytes[lengthAt + 1]! << 16) |
    (bytes[lengthAt + 2]! << 8) |
    bytes[lengthAt + 3]!;
  if (length < 0 || length > end - at) return undefined;
  return utf8Decode(bytes, at, at + Math.min(length, PATH_SHOWN_MAX));
}

const PATHLESS: ReadonlySet<number> = new Set<number>([
  OpCode.multi,
  OpCode.multiRead,
  OpCode.setWatches,
  OpCode.setWatches2,
  OpCode.reconfig,
  OpCode.createSession,
  OpCode.closeSession,
  OpCode.ping,
  OpCode.whoAmI,
]);
const REQUEST_HEADER_BYTES = 8;
const PATH_SHOWN_MAX = 256;

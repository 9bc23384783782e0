/**
 * Where the last slash is in the path `bytes[start, end)`, when that is a plain one: valid, not the root, printable
 * ASCII, without names that begin with a dot, and not in the server's own part of the tree. Otherwise -1: then
 * `validatePath` knows, and there are rules to look at.
 */
export function lastSlashOfPlainPath(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 2 || bytes[start] !== SLASH || bytes[end - 1] === SLASH) return -1;
  let slash = start;
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === SLASH) {
      if (at === slash + 1) return -1;
      slash = at;
    } else if (byte < 0x20 || byte > 0x7e || (byte === DOT && at === slash + 1)) return -1;
  }
  return isOwn(bytes, start, end) ? -1 : slash;
}

/** Whether it begins with /zookeeper. */
function isOwn(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < OWN.length) return false;
  for (let i = 0; i < OWN.length; i++) if (bytes[start + i] !== OWN[i]) return false;
  return true;
}

const SLASH = 0x2f;
const DOT = 0x2e;
/** "/zookeeper" */
const OWN = Uint8Array.of(0x2f, 0x7a, 0x6f, 0x6f, 0x6b, 0x65, 0x65, 0x70, 0x65, 0x72);

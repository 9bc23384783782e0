/**
 * A copy that belongs to the caller. Small ones lie one behind the other in large buffers, no part of which is given
 * twice: a buffer for each costs many times what there is to copy.
 */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length > SMALL_BYTES_MAX) return bytes.slice();
  if (used + length > buffer.length) {
    buffer = new Uint8Array(BUFFER_BYTES);
    used = 0;
  }
  const copy = buffer.subarray(used, used + length);
  copy.set(bytes);
  used += length;
  return copy;
}

const BUFFER_BYTES = 64 * 1024;
const SMALL_BYTES_MAX = 4 * 1024;
let buffer = new Uint8Array(BUFFER_BYTES);
let used = 0;

/** Where in a snapshot the owner of that node stands: behind its path, data, ACL, four longs and three ints. */
export function ownerAt(snapshot: Uint8Array, path: string): number {
  const needle = [0, 0, 0, path.length, ...new TextEncoder().encode(path)];
  for (let at = 0; at < snapshot.length - needle.length; at++) {
    if (!needle.every((byte, i) => snapshot[at + i] === byte)) continue;
    const dataAt = at + needle.length;
    const dataLength = new DataView(snapshot.buffer, snapshot.byteOffset).getInt32(dataAt);
    return dataAt + 4 + Math.max(dataLength, 0) + 8 + 4 * 8 + 3 * 4;
  }
  throw new Error(`${path} is not in the snapshot`);
}

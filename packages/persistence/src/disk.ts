/**
 * What a file adapter needs of a file system, and all that is known about it after a power cut:
 *
 * - Bytes written are durable when a `datasync` that began after the write has resolved. Until then any 512 bytes of
 *   them may be there or not, whatever the order they were written in.
 * - An entry of a directory (made, renamed, removed) is durable when a `syncDirectory` that began after it has
 *   resolved. Until then it may be there or not. `datasync` of a file says nothing about its entry.
 * - A rename is atomic: the old or the new entry is found, never none or both.
 * - After a failed `datasync` nothing is known about what was written since the last good one; a later `datasync`
 *   that succeeds proves nothing.
 *
 * Paths are the adapter's own; directories are separated by `/`. Everything rejects with `PersistenceError`:
 * `NOT_FOUND`, `NO_SPACE`, `ACCESS_DENIED` or `IO`, with the path as `file`.
 */
export interface Disk {
  /** `read` and `update` want the file to be there, `create` makes it or empties it. All but `read` may write. */
  open(path: string, mode: 'read' | 'update' | 'create'): Promise<DiskFile>;
  /** Undefined where there is nothing. */
  stat(path: string): Promise<DiskStat | undefined>;
  /** Names, in no order. */
  list(directory: string): Promise<readonly string[]>;
  /** Its parent must be there; harmless where the directory is. */
  makeDirectory(path: string): Promise<void>;
  /** Within one directory. Replaces what was at `to`. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  /**
   * Takes `path` for this process until `release`, or until the process ends, in whatever way. Rejects with `LOCKED`
   * while somebody else, in this process or another, has it. The file may stay behind; it means nothing by itself.
   */
  lock(path: string): Promise<DiskLock>;
}

export interface DiskFile {
  /** Reads some bytes, at most `into.length`; 0 at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes some of `bytes`, at least one, and resolves with how many. Beyond the end, the gap reads as zeros. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /**
   * As `write`, without giving up the turn: the way for what is small and has somebody waiting for it, because it
   * spares a journey to a thread. Throws what `write` rejects with.
   */
  writeNow(bytes: Uint8Array, position: number): number;
  /** Cuts the file, or lengthens it with zeros that take no room. */
  truncate(length: number): Promise<void>;
  /** Makes content and length durable. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export interface DiskStat {
  readonly isDirectory: boolean;
  readonly size: number;
}

export interface DiskLock {
  release(): Promise<void>;
}

/** Writes all of `bytes`, however many writes it takes. */
export async function writeFully(file: DiskFile, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length)
    done += await file.write(done === 0 ? bytes : bytes.subarray(done), position + done);
}

/** Fills `into` as far as the file goes; resolves with how many bytes that were. */
export async function readFully(file: DiskFile, into: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < into.length) {
    const count = await file.read(done === 0 ? into : into.subarray(done), position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

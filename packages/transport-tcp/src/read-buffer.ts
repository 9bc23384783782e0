import { Socket, type OnReadOpts } from 'node:net';

/**
 * Node allocates 64 KiB for each read, cuts it down to what came and wraps it twice; for a request of a hundred bytes
 * that is a quarter of the server's CPU time. `onread` reads into a buffer of ours instead. A single one serves all
 * connections: on POSIX systems libuv asks for the buffer, reads and calls back in one go, and nothing else runs
 * between. (On Windows the read is started long before it ends, so there each connection would need its own.)
 */
export const canShareReadBuffer: boolean = process.platform !== 'win32';

/** For the documented `onread` of a socket: hands each read to `take`, which must not keep the bytes. */
export function readsInto(take: (bytes: Uint8Array) => void): OnReadOpts {
  return {
    buffer: SHARED,
    callback: (length) => {
      take(SHARED.subarray(0, length));
      return true;
    },
  };
}

/**
 * `onread` can be given only when a socket is made, and accepted sockets are made by Node. So their handle is moved
 * to a socket of our own, which Node's TLS and cluster do too, but which is not documented: undefined where this Node
 * has no such handle, and the accepted socket is as it was.
 */
export function moveToSharedBuffer(accepted: Socket, take: (bytes: Uint8Array) => void): Socket | undefined {
  const holder = accepted as unknown as { _handle?: Partial<Handle> | null };
  // oxlint-disable-next-line no-underscore-dangle -- Node's name
  const handle = holder._handle;
  if (typeof handle?.useUserBuffer !== 'function' || typeof handle.readStart !== 'function') return undefined;
  // oxlint-disable-next-line no-underscore-dangle -- Node's name
  holder._handle = null;
  return new Socket({ handle, allowHalfOpen: true, onread: readsInto(take) } as ConstructorParameters<
    typeof Socket
  >[0]);
}

/** Node's TCPWrap, as far as this file knows it. */
interface Handle {
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
}

/** libuv itself proposes this size. */
const SHARED = new Uint8Array(64 * 1024);

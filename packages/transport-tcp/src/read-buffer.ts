import { type OnReadOpts, type Server, Socket } from 'node:net';

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
 * `onread` can be given only when a socket is made, and Node makes accepted sockets itself. So the listening handle,
 * which is what calls Node for each connection, is made to call `welcome` with the connection's handle, out of which a
 * socket is made with `overSharedBuffer`. That handle is not documented; where this Node has none, or one that knows
 * no buffers, connections come the ordinary way, as 'connection' events.
 */
export function acceptHandles(server: Server, welcome: (handle: Handle) => void): void {
  // oxlint-disable-next-line no-underscore-dangle -- Node's name
  const listening = (server as unknown as { _handle?: { onconnection?: OnConnection } | null })._handle;
  const ordinary = listening?.onconnection;
  if (typeof ordinary !== 'function') return;
  listening!.onconnection = function onConnection(error, handle): void {
    if (error === 0 && typeof handle?.useUserBuffer === 'function') welcome(handle);
    else ordinary.call(this, error, handle);
  };
}

/** A socket for an accepted connection. It reads from now on. */
export function overSharedBuffer(handle: Handle, take: (bytes: Uint8Array) => void): Socket {
  const options: unknown = { handle, allowHalfOpen: true, onread: readsInto(take) };
  return new Socket(options as ConstructorParameters<typeof Socket>[0]);
}

/**
 * Has the listening socket pass TCP_NODELAY on to those it accepts, as POSIX systems do: asked of each by itself it is a
 * fifteenth of the work on a connection. False where this Node has no such handle.
 */
export function passOnNoDelay(server: Server): boolean {
  // oxlint-disable-next-line no-underscore-dangle -- Node's name
  const listening = (server as unknown as { _handle?: { setNoDelay?: SetNoDelay } | null })._handle;
  return listening?.setNoDelay?.(true) === 0;
}

/** Gives 0, or why it could not, as libuv numbers it. */
type SetNoDelay = (isOn: boolean) => number;

/** @param error 0, or why there is no handle, as libuv numbers it */
type OnConnection = (this: unknown, error: number, handle: Handle | undefined) => void;

/** Node's TCPWrap, as far as this file knows it. */
export interface Handle {
  useUserBuffer(buffer: Uint8Array): void;
}

/** libuv itself proposes this size. */
const SHARED = new Uint8Array(64 * 1024);

import type { TransportError } from './error.ts';

/**
 * Ordered byte connections, and nothing else: no frames, no messages, no retries. A transport never learns what
 * the bytes mean, so a new packet never changes it.
 */
export interface Transport extends ListeningTransport, DialingTransport {}

/** The side of servers. */
export interface ListeningTransport {
  /**
   * Opens a port. `accept` is called for each connection that arrives and returns the handler for it; the first
   * `onData` comes in a later turn. Throwing in `accept` is the way to turn a connection away: it is destroyed, and
   * the error is the owner's own.
   * Rejects with a `TransportError` when the port cannot be opened.
   */
  listen(options: ListenOptions, accept: (connection: Connection) => ConnectionHandler): Promise<Listener>;
}

/** The side of clients: all there is in a browser. */
export interface DialingTransport {
  /**
   * Dials. `open` is called once the connection stands and returns its handler; then the promise resolves. Names are
   * resolved at every call. Rejects with a `TransportError` when it does not stand within `options.timeoutMs`, and
   * with whatever `open` throws, after the connection was destroyed. With a signal that aborts it is rejected at once
   * with the signal's reason: `open` is not called any more, and nothing of the dial is left behind.
   */
  connect(options: ConnectOptions, open: (connection: Connection) => ConnectionHandler): Promise<Connection>;
}

export interface Address {
  /** A name or an IP literal (IPv6 without brackets). What a connection reports is always an IP literal. */
  readonly host: string;
  readonly port: number;
}

export interface ListenOptions extends Address {
  /** Connections that may wait to be accepted. The system's default where absent. */
  readonly backlog?: number;
  /** Probe idle connections (`clientTcpKeepAlive`). Default false. */
  readonly keepAlive?: boolean;
}

export interface ConnectOptions extends Address {
  /** Milliseconds until the dial is given up. */
  readonly timeoutMs: number;
  readonly keepAlive?: boolean;
  /** Takes the dial back. It means nothing once the connection stands. */
  readonly signal?: DialSignal;
}

/**
 * What a transport needs of an `AbortSignal`. Declared here, because a package without any platform's types has no such
 * name; every platform's own fits.
 */
export interface DialSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface Listener {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: Address;
  /** Accepts no more. Connections that stand are not touched. Resolves when the port is free again. */
  close(): Promise<void>;
}

/**
 * One end of a connection, from `accept` or `open` to `onClose`. Its members are called by its owner, at any time;
 * after the end they do nothing.
 */
export interface Connection {
  readonly remote: Address;
  readonly local: Address;

  /**
   * Sends bytes, in order. They are on their way when this returns; small writes are not delayed (no Nagle).
   *
   * Ownership: **true** means the transport is done with `bytes` and the caller may overwrite them at once.
   * **false** means it still needs them: the caller must leave them alone, and should send no more, until `onDrain`
   * (or `onClose`). Further writes are accepted all the same and queued behind, without a bound: the owner watches
   * `unsent`. After `end` or `destroy`, and when the other side has ended, nothing happens and the answer is true.
   */
  write(bytes: Uint8Array): boolean;

  /** Bytes accepted by `write` that the system has not taken yet; 0 once it is over. What its owner bounds. */
  readonly unsent: number;

  /**
   * No `onData` from now on until `resume`. Data that arrives meanwhile waits, at last in the sender's system. The end
   * of the connection may wait with it.
   */
  pause(): void;
  resume(): void;

  /**
   * Sends what is unsent, then ends in order; there is no more `onData` and no `onDrain`. `onClose` follows when the
   * other side has ended too, or a short while after everything has been sent. That can take as long as the other
   * side pleases not to read: the owner who has not so long calls `destroy` as well.
   */
  end(): void;

  /** Ends at once; what is unsent is lost. `onClose` follows, in a later turn and without an error. */
  destroy(): void;
}

/**
 * What the owner of a connection does with what happens on it. Calls never nest: no handler is called from within a
 * call of `Connection`, `accept` or `open`, only after the code that made it has returned to the event loop. An
 * exception out of a handler is a fault of its owner, and nobody catches it.
 */
export interface ConnectionHandler {
  /**
   * Bytes arrived (at least one), cut as it pleased the network. `chunk` belongs to the transport again when this
   * returns, and will be overwritten: copy what is kept.
   */
  onData(chunk: Uint8Array): void;
  /** All that `write` had refused to let go has been taken by the system. */
  onDrain(): void;
  /**
   * The connection is over; called exactly once, the last call on this handler. `error` is absent after `end` or
   * `destroy`, and when the other side ended in order: then what had been written before was sent first, as far as
   * the other side took it.
   */
  onClose(error?: TransportError): void;
}

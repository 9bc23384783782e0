import type { TransportError } from './error.ts';

/**
 * Ordered byte connections, and nothing else: no frames, no messages, no retries. A transport never learns what
 * the bytes mean, so a new packet never changes it.
 */
export interface Transport {
  /**
   * Opens a port. `accept` is called for each connection that arrives and returns the handler for it; the first
   * `onData` comes after that. Throwing in `accept` closes that connection.
   * Rejects with a `TransportError` when the port cannot be opened.
   */
  listen(options: ListenOptions, accept: (connection: Connection) => ConnectionHandler): Promise<Listener>;

  /**
   * Dials. `open` is called once the connection stands and returns its handler. Names are resolved at every call.
   * Rejects with a `TransportError` when it does not stand within `options.timeoutMs`.
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
  /**
   * A connection arrived and could not be taken (`EXHAUSTED`): it is lost, the listener goes on. May be called often;
   * without it nobody hears of it.
   */
  readonly onAcceptError?: (error: TransportError) => void;
}

export interface ConnectOptions extends Address {
  /** Milliseconds until the dial is given up. */
  readonly timeoutMs: number;
  readonly keepAlive?: boolean;
}

export interface Listener {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: Address;
  /** Accepts no more. Connections that stand are not touched. Resolves when the port is free again. */
  close(): Promise<void>;
}

/** One end of a connection. All members are called by its owner, from any turn of the event loop. */
export interface Connection {
  readonly remote: Address;
  readonly local: Address;

  /**
   * Sends bytes, in order. They are on their way when this returns; small writes are not delayed (no Nagle).
   *
   * Ownership: **true** means the transport is done with `bytes` and the caller may overwrite them at once.
   * **false** means it still needs them: the caller must leave them alone, and should send no more, until
   * `onDrain`. Further writes are accepted all the same and queued behind.
   * On a closed connection nothing happens and the answer is true.
   */
  write(bytes: Uint8Array): boolean;

  /** Bytes accepted by `write` that the system has not taken yet. What its owner bounds. */
  readonly unsent: number;

  /** No `onData` until `resume`. Data that arrived meanwhile waits, at last in the sender's system. */
  pause(): void;
  resume(): void;

  /** Sends what is unsent, then ends in order. `onClose` follows. Nothing may be written after it. */
  end(): void;

  /** Ends at once; what is unsent is lost. `onClose` follows, in a later turn. */
  destroy(): void;
}

/**
 * What the owner of a connection does with what happens on it. Calls never nest: no handler is called from
 * within a call of `Connection`, other than by way of a later turn.
 */
export interface ConnectionHandler {
  /** Bytes arrived (at least one). `chunk` belongs to the transport again when this returns: copy what is kept. */
  onData(chunk: Uint8Array): void;
  /** All that `write` had refused to let go has been taken by the system. */
  onDrain(): void;
  /** The connection is over; the last call on this handler. `error` is absent after an orderly end of either side. */
  onClose(error?: TransportError): void;
}

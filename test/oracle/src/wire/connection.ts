import { FrameSplitter } from '@corral/jute';
import { connect, type Socket } from 'node:net';

export interface ConnectionOptions {
  readonly host?: string;
  /** After this without a connection it is given up, and every failure to connect rejects; 0: as long as it takes. */
  readonly connectLimitMs?: number;
}

/** One TCP connection that cuts what arrives into frames and keeps them in order of arrival. */
export class WireConnection {
  readonly #socket: Socket;
  readonly #splitter = new FrameSplitter({ payloadMax: 64 << 20 });
  readonly #onFrame: (frame: Uint8Array) => void;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  static open(
    port: number,
    onFrame: (frame: Uint8Array) => void,
    { host = '127.0.0.1', connectLimitMs = 0 }: ConnectionOptions = {},
  ): Promise<WireConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true });
      const connection = new WireConnection(socket, onFrame);
      socket.setTimeout(connectLimitMs, () => {
        socket.destroy();
        reject(new Error(`${host}:${port} does not answer`));
      });
      socket.once('connect', () => {
        socket.setTimeout(0);
        resolve(connection);
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' || connectLimitMs > 0) reject(error);
        // A server that has had enough of connections ends one as soon as it is there.
        else resolve(connection);
      });
    });
  }

  private constructor(socket: Socket, onFrame: (frame: Uint8Array) => void) {
    this.#socket = socket;
    this.#onFrame = onFrame;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Whether the other side has ended the connection, or `drop` has. */
  get isClosed(): boolean {
    return this.#closed;
  }

  send(bytes: Uint8Array): void {
    if (!this.#closed) this.#socket.write(bytes);
  }

  /** Waits until `isDone`, the end of the connection, or the limit; says whether it is done. */
  async until(isDone: () => boolean, limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (!isDone() && !this.#closed) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await this.#news(left);
    }
    return isDone();
  }

  /** Waits for the end of the connection; says whether it came within the limit. */
  async ended(limitMs: number): Promise<boolean> {
    await this.until(() => false, limitMs);
    return this.#closed;
  }

  /** Ends the connection without a word to the server. */
  drop(): Promise<unknown> {
    this.#socket.destroy();
    return this.ended(5000);
  }

  #receive(chunk: Uint8Array): void {
    this.#splitter.push(chunk);
    while (this.#splitter.next()) {
      this.#onFrame(this.#splitter.bytes.slice(this.#splitter.start, this.#splitter.end));
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  #news(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(limit);
        this.#waiting.delete(wake);
        resolve();
      };
      const limit = setTimeout(wake, limitMs);
      this.#waiting.add(wake);
    });
  }
}

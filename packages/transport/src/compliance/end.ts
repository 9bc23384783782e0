import assert from 'node:assert/strict';
import type { TransportError } from '../error.ts';
import type { Connection, ConnectionHandler } from '../transport.ts';

/**
 * One end of a connection on trial: remembers what it was told, lets a case wait for it, and watches in every case
 * that calls do not nest and that nothing follows `onClose`.
 */
export class End implements ConnectionHandler {
  readonly connection: Connection;
  readonly closed: Promise<TransportError | undefined>;
  /** Called after each chunk was taken note of. */
  onBytes: (chunk: Uint8Array) => void = () => {};
  /** Whether `received` is kept. */
  keeps = true;
  receivedBytes = 0;
  drains = 0;
  closes = 0;
  readonly #chunks: Uint8Array[] = [];
  readonly #waiting: { readonly when: () => boolean; readonly resolve: () => void }[] = [];
  #resolveClosed!: (error: TransportError | undefined) => void;
  #calls = 0;
  #fault: unknown = undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  onData(chunk: Uint8Array): void {
    this.#heard(() => {
      assert.ok(chunk.length > 0, 'an empty chunk');
      this.receivedBytes += chunk.length;
      if (this.keeps) this.#chunks.push(chunk.slice());
      this.onBytes(chunk);
    });
  }

  onDrain(): void {
    this.#heard(() => {
      assert.equal(this.connection.unsent, 0, 'onDrain while bytes are unsent');
      this.drains++;
    });
  }

  onClose(error?: TransportError): void {
    this.#heard(() => {
      this.closes++;
      assert.equal(this.connection.unsent, 0, 'unsent bytes after the end');
      this.#resolveClosed(error);
    });
  }

  write(bytes: Uint8Array): boolean {
    return this.#call(() => this.connection.write(bytes));
  }

  pause(): void {
    this.#call(() => this.connection.pause());
  }

  resume(): void {
    this.#call(() => this.connection.resume());
  }

  end(): void {
    this.#call(() => this.connection.end());
  }

  destroy(): void {
    this.#call(() => this.connection.destroy());
  }

  /** Resolves once `when` holds; asked after every call of the transport. */
  async heard(when: () => boolean): Promise<void> {
    if (!when()) await new Promise<void>((resolve) => this.#waiting.push({ when, resolve }));
    this.check();
  }

  received(): Uint8Array {
    const all = new Uint8Array(this.receivedBytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  /** Throws what went wrong inside a handler, where nobody would have caught it. */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  #call<T>(what: () => T): T {
    this.#calls++;
    try {
      return what();
    } finally {
      this.#calls--;
    }
  }

  #heard(what: () => void): void {
    try {
      assert.equal(this.#calls, 0, 'a handler was called from within a call');
      assert.equal(this.closes, 0, 'a handler was called after onClose');
      what();
    } catch (error) {
      this.#fault ??= error;
    }
    for (const waiting of this.#waiting.splice(0)) {
      if (this.closes > 0 && !waiting.when())
        this.#fault ??= new Error('the connection closed while more was awaited');
      if (this.#fault !== undefined || waiting.when()) waiting.resolve();
      else this.#waiting.push(waiting);
    }
  }
}

import type { Clock } from '@corral/runtime';
import type { Address, Connection, ConnectionHandler, TransportError } from '@corral/transport';
import { SessionReader } from './session-reader.ts';

/** What a guest has to know of the door it came through. */
export interface Host {
  readonly clock: Clock;
  /** Whether nothing passes now between the server and the client of this session; 0: of one that has none yet. */
  holds(session: bigint): boolean;
  /** Lets the guest in to the server. Throws where there is none, or where it does not want it. */
  admit(guest: Connection): ConnectionHandler;
  forget(guest: Guest): void;
}

/**
 * A connection of a client, between the network and the server. While it is held nothing passes: what either side sends
 * waits, and neither hears that the other has ended. As soon as it is let go everything arrives, as after a partition
 * that was shorter than the patience of TCP.
 */
export class Guest implements Connection, ConnectionHandler {
  readonly remote: Address;
  readonly #outer: Connection;
  readonly #host: Host;
  readonly #session: SessionReader = new SessionReader();
  #handler: ConnectionHandler | undefined;
  #isHeld = false;
  #isPausedByServer = false;
  /** From the client, not seen by the server; at most one piece, for no more is read then. */
  #arrived: Uint8Array | undefined = undefined;
  /** From the server, not sent to the client. */
  #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  /** How the server has ended it. */
  #ended: 'in order' | 'at once' | undefined = undefined;
  /** It is over at the client's side. */
  #closed: { readonly error: TransportError | undefined } | undefined = undefined;

  /** @throws whatever `admit` throws */
  constructor(outer: Connection, host: Host) {
    this.remote = outer.remote;
    this.#outer = outer;
    this.#host = host;
    if (host.holds(0n)) this.#hold();
    else this.#handler = host.admit(this);
  }

  /** 0 before it is known. */
  get session(): bigint {
    return this.#session.id;
  }

  /** The door has changed its mind about somebody. */
  review(): void {
    const isHeld = this.#host.holds(this.session);
    if (isHeld === this.#isHeld) return;
    if (isHeld) return this.#hold();
    this.#isHeld = false;
    // Calls never nest, and who calls `heal` is in the middle of something.
    this.#host.clock.defer(() => this.#release());
  }

  /** The connection breaks. */
  cut(): void {
    this.#outer.destroy();
  }

  /** The server has died. The client hears of it as soon as anything passes. */
  abandon(): void {
    this.#handler = undefined;
    if (this.#isHeld) this.#ended = 'at once';
    else this.#outer.destroy();
  }

  // What the network tells.

  onData(chunk: Uint8Array): void {
    this.#session.fromClient(chunk);
    this.review();
    if (!this.#isHeld && this.#arrived === undefined) return this.#handler?.onData(chunk);
    this.#arrived = this.#arrived === undefined ? chunk.slice() : joined(this.#arrived, chunk);
  }

  onDrain(): void {
    this.#handler?.onDrain();
  }

  onClose(error?: TransportError): void {
    this.#closed = { error };
    if (!this.#isHeld || this.#handler === undefined) this.#over();
  }

  // What the server asks for.

  get local(): Address {
    return this.#outer.local;
  }

  get unsent(): number {
    return this.#outer.unsent + this.#unsentBytes;
  }

  write(bytes: Uint8Array): boolean {
    this.#session.fromServer(bytes);
    if (!this.#isHeld && this.#unsent.length === 0) return this.#outer.write(bytes);
    if (this.#ended === undefined) {
      this.#unsent.push(bytes.slice());
      this.#unsentBytes += bytes.length;
    }
    return true;
  }

  pause(): void {
    this.#isPausedByServer = true;
    this.#outer.pause();
  }

  resume(): void {
    this.#isPausedByServer = false;
    if (!this.#isHeld) this.#host.clock.defer(() => this.#release());
  }

  end(): void {
    this.#end('in order');
  }

  destroy(): void {
    this.#end('at once');
  }

  #end(how: 'in order' | 'at once'): void {
    if (!this.#isHeld && this.#unsent.length === 0) {
      if (how === 'in order') this.#outer.end();
      else this.#outer.destroy();
      return;
    }
    this.#ended = how;
    // For the server it is over; the client hears of it later.
    const handler = this.#handler;
    this.#handler = undefined;
    this.#host.clock.defer(() => handler?.onClose());
  }

  #hold(): void {
    this.#isHeld = true;
    this.#outer.pause();
  }

  #release(): void {
    if (this.#isHeld) return;
    if (this.#handler === undefined && this.#ended === undefined && this.#closed === undefined) this.#enter();
    const unsent = this.#unsent;
    this.#unsent = [];
    this.#unsentBytes = 0;
    for (const bytes of unsent) this.#outer.write(bytes);
    if (this.#ended === 'in order') this.#outer.end();
    if (this.#ended === 'at once') this.#outer.destroy();
    if (this.#isPausedByServer && this.#handler !== undefined) return;
    const arrived = this.#arrived;
    this.#arrived = undefined;
    if (arrived !== undefined) this.#handler?.onData(arrived);
    if (this.#closed !== undefined) this.#over();
    else if (!this.#isHeld && !this.#isPausedByServer) this.#outer.resume();
  }

  #enter(): void {
    try {
      this.#handler = this.#host.admit(this);
    } catch {
      this.#outer.destroy();
    }
  }

  #over(): void {
    this.#host.forget(this);
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onClose(this.#closed?.error);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

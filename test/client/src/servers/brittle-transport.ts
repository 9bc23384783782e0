import type { Connection, ConnectionHandler, DialingTransport, TransportError } from '@corral/transport';

/** A transport whose connections break when they are told to, whatever is at the other end. */
export class BrittleTransport implements DialingTransport {
  readonly connect: DialingTransport['connect'];
  readonly #standing = new Set<Brittle>();
  #isDeaf = false;

  constructor(transport: DialingTransport) {
    this.connect = (options, open) =>
      transport.connect(options, (connection) => {
        const brittle = new Brittle(connection, open(connection), () => this.#isDeaf, this.#standing);
        this.#standing.add(brittle);
        return brittle;
      });
  }

  /** What is sent arrives from now on, and what comes back does not, until the next cut. */
  deafen(): void {
    this.#isDeaf = true;
  }

  /** Ends all connections at once. The next ones are good. */
  cut(): void {
    this.#isDeaf = false;
    for (const one of this.#standing) one.break();
  }
}

class Brittle implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #handler: ConnectionHandler;
  readonly #isDeaf: () => boolean;
  readonly #standing: Set<Brittle>;
  #isBroken = false;

  constructor(
    connection: Connection,
    handler: ConnectionHandler,
    isDeaf: () => boolean,
    standing: Set<Brittle>,
  ) {
    this.#connection = connection;
    this.#handler = handler;
    this.#isDeaf = isDeaf;
    this.#standing = standing;
  }

  break(): void {
    this.#isBroken = true;
    this.#connection.destroy();
  }

  onData(chunk: Uint8Array): void {
    if (!this.#isBroken && !this.#isDeaf()) this.#handler.onData(chunk);
  }

  onDrain(): void {
    this.#handler.onDrain();
  }

  onClose(error?: TransportError): void {
    this.#standing.delete(this);
    this.#handler.onClose(error);
  }
}

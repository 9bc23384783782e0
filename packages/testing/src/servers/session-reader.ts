/**
 * Reads off a connection whose session it is: what the ConnectRequest asks to go on with, or else what the
 * ConnectResponse gives. What is no ZooKeeper client at all (four-letter words) gets an id that nobody has.
 */
export class SessionReader {
  id = 0n;
  readonly #request: Uint8Array = new Uint8Array(REQUEST_BYTES);
  #requestBytes = 0;
  #isAnswered = false;

  fromClient(chunk: Uint8Array): void {
    if (this.#requestBytes === REQUEST_BYTES) return;
    const part = chunk.subarray(0, REQUEST_BYTES - this.#requestBytes);
    this.#request.set(part, this.#requestBytes);
    this.#requestBytes += part.length;
    if (this.#requestBytes === REQUEST_BYTES) this.id = longAt(this.#request, REQUEST_SESSION_AT);
  }

  /** The server answers a ConnectRequest in one piece. */
  fromServer(bytes: Uint8Array): void {
    if (this.#isAnswered || this.#requestBytes < REQUEST_BYTES) return;
    this.#isAnswered = true;
    if (this.id === 0n && bytes.length >= RESPONSE_SESSION_AT + LONG_BYTES)
      this.id = longAt(bytes, RESPONSE_SESSION_AT);
  }
}

function longAt(bytes: Uint8Array, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigInt64(at);
}

const LONG_BYTES = 8;
/** Length, protocol version, last zxid seen, timeout. */
const REQUEST_SESSION_AT = 4 + 4 + 8 + 4;
const REQUEST_BYTES = REQUEST_SESSION_AT + LONG_BYTES;
/** Length, protocol version, timeout. */
const RESPONSE_SESSION_AT = 4 + 4 + 4;

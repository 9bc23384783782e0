import type { Address, Transport } from '../transport.ts';

/** What not every transport can offer. A subject says what it has; a case names what it needs. */
export type TransportCapability =
  /** A dial to a port where nobody listens fails with `REFUSED`, and names nobody knows with `NAME_NOT_FOUND`. */
  | 'refusal'
  /** Two listeners cannot have one port, nor a listener an address of another machine. */
  | 'exclusive-ports'
  /** Both ends know each other's addresses. */
  | 'addresses'
  /** A foreign peer can end its direction and go on reading (`askAndEnd`). */
  | 'half-close';

/** A transport on trial. */
export interface TransportSubject {
  readonly transport: Transport;
  /** Where to listen; a dial to it reaches the listener. */
  readonly host: string;
  readonly capabilities: ReadonlySet<TransportCapability>;
  /** Lets the world go on until the promise settles. On a real network that is the promise itself. */
  until<T>(promise: Promise<T>): Promise<T>;
  /**
   * A peer that is none of ours: dials, sends `question`, ends its direction, and resolves with all that it was
   * sent until the end. Only with the capability `half-close`.
   */
  askAndEnd?(address: Address, question: Uint8Array): Promise<Uint8Array>;
}

/** One sentence of the contract. */
export interface TransportCase {
  readonly name: string;
  readonly requires: readonly TransportCapability[];
  /** Rejects, mostly with an AssertionError, where the sentence does not hold. Leaves nothing open. */
  readonly run: (subject: TransportSubject) => Promise<void>;
}

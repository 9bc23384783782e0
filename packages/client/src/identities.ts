import { ErrorCode, OpCode, Xid } from '@corral/protocol';
import { AuthFailedError } from './errors.ts';
import type { Wire } from './wire.ts';

/** The identities of a client, which every connection has to prove anew. */
export class Identities {
  readonly #all: Identity[] = [];
  /** Sent on this connection; their replies are to come, in this order. */
  #proving: Identity[] = [];

  /** @returns what is settled by the first reply to it; one that is there already is not proved twice */
  add(scheme: string, auth: Uint8Array, wire: Wire | undefined): Promise<void> {
    const known = this.#all.find((other) => other.scheme === scheme && isSame(other.auth, auth));
    if (known !== undefined) return known.promise;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const identity: Identity = { scheme, auth, promise, resolve, reject };
    this.#all.push(identity);
    if (wire !== undefined) this.#prove(identity, wire);
    return promise;
  }

  proveAll(wire: Wire): void {
    for (const identity of this.#all) this.#prove(identity, wire);
  }

  /** @returns whether the server took it */
  takeReply(code: number): boolean {
    const identity = this.#proving.shift();
    if (code === 0) identity?.resolve();
    else if (identity !== undefined)
      identity.reject(
        new AuthFailedError(ErrorCode.AUTHFAILED, 'auth', undefined, { detail: identity.scheme }),
      );
    return code === 0;
  }

  /** The connection is over. */
  cutOff(): void {
    this.#proving = [];
  }

  failAll(reason: Error): void {
    for (const identity of this.#all) identity.reject(reason);
  }

  #prove(identity: Identity, wire: Wire): void {
    wire.send((w) => {
      w.writeInt(Xid.auth);
      w.writeInt(OpCode.auth);
      w.writeInt(0);
      w.writeString(identity.scheme);
      w.writeBuffer(identity.auth);
    });
    this.#proving.push(identity);
  }
}

interface Identity {
  readonly scheme: string;
  readonly auth: Uint8Array;
  readonly promise: Promise<void>;
  /** Both may be called again at each connection; the first call counts. */
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

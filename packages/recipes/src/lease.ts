/// <reference lib="esnext.disposable" preserve="true" />
import { type Client, type Data, NoNodeError, type SessionState, type Transaction } from '@corral/client';
import { newAbort, type PlatformSignal } from './abort.ts';
import { isPassing } from './outcome.ts';
import { type OwnNode, removeOwn } from './own-node.ts';
import { RecipeError } from './recipe-error.ts';

export interface LeaseOptions {
  /**
   * Milliseconds without a connection after which what is held counts as lost, for the servers may have ended the session.
   * Default: a quarter of the session's timeout. A silent connection is given up after two thirds of it, which makes eleven
   * twelfths: over before the servers, which heard of us a moment earlier than we of them, can have ended the session.
   * 0: at once (Curator's StandardConnectionStateErrorPolicy). Infinity: only when the session is known or reckoned to be
   * over (SessionConnectionStateErrorPolicy).
   */
  readonly suspendedMaxMs?: number;
  /** Somebody asks for what is held to be given up (Curator's Revoker, `revoke`). It is a request: nothing is forced. */
  readonly onRevoke?: (lease: Lease) => void;
}

/** Curator's Revoker. */
const REVOKE: string = '__REVOKE__';

/**
 * What is held: a lock, a lead, a permit. It stands on an ephemeral node of this session, and is over with it.
 *
 * A process that was stopped for long enough does not know yet that it holds nothing any more when it goes on. So what is
 * done under a lease is guarded where it is done: with the fencing token, which only grows from holder to holder, or with
 * `transaction()`, which fails without the node.
 */
export class Lease implements AsyncDisposable {
  readonly path: string;
  /** The zxid in which the node was created: greater than that of every holder before. */
  readonly fencingToken: bigint;
  readonly #client: Client;
  readonly #node: OwnNode;
  readonly #options: LeaseOptions;
  readonly #abort = newAbort();
  readonly #unlisten: () => void;
  #doubt: { cancel(): void } | undefined = undefined;
  #forget: (() => void) | undefined = undefined;
  #ending: Promise<void> | undefined = undefined;

  /** @param node held from now on */
  constructor(client: Client, node: OwnNode, options: LeaseOptions = {}) {
    this.path = node.path;
    this.fencingToken = node.stat.czxid;
    this.#client = client;
    this.#node = node;
    this.#options = options;
    this.#unlisten = client.onState((state) => this.#judge(state));
    this.#judge(client.state);
    void this.#followNode();
  }

  /** Aborts, with a `RecipeError` `LOST`, when this is over before it was released. */
  get lost(): PlatformSignal {
    return this.#abort.signal;
  }

  get isHeld(): boolean {
    return this.#ending === undefined && !this.lost.aborted;
  }

  /** Gives it up. Resolves when the node is gone, or is sure to go with its session. */
  release(): Promise<void> {
    if (this.#ending === undefined) {
      this.#stop();
      this.#ending = removeOwn(this.#client, this.#node);
    }
    return this.#ending;
  }

  /** For who has removed the node himself, in a transaction: it is over, and there is nothing to remove. */
  settle(): void {
    if (this.#ending !== undefined) return;
    this.#stop();
    this.#ending = Promise.resolve();
  }

  /** A transaction that is refused (`NoNodeError`, index 0) when this is not held any more. */
  transaction(): Transaction<[undefined]> {
    return this.#client.transaction().check(this.path, -1);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  #judge(state: SessionState): void {
    if (this.#client.sessionId !== this.#node.sessionId || OVER.has(state)) {
      this.#lose('the session is over');
    } else if (state === 'connected') {
      this.#doubt?.cancel();
      this.#doubt = undefined;
    } else if (this.#doubt === undefined) {
      const { suspendedMaxMs = this.#client.sessionTimeout / 4 } = this.#options;
      if (suspendedMaxMs === Number.POSITIVE_INFINITY) return;
      if (suspendedMaxMs === 0) return this.#lose('the connection is away');
      this.#doubt = this.#client.clock.after(suspendedMaxMs, () =>
        this.#lose(`the connection was away for ${suspendedMaxMs} ms`),
      );
    }
  }

  async #followNode(): Promise<void> {
    while (this.isHeld) {
      try {
        const seen = await this.#client.once.get(this.path);
        const { value, changed } = seen;
        if (!this.isHeld) return seen.forget();
        this.#forget = () => seen.forget();
        if (value.stat.czxid !== this.fencingToken) return this.#lose('the node is another');
        if (isRevocation(value.data) && this.isHeld) this.#options.onRevoke?.(this);
        await changed;
      } catch (error) {
        if (error instanceof NoNodeError) return this.#lose('the node is gone');
        // Without the right to read it the session has to do.
        if (!isPassing(this.#client, error)) return;
      }
    }
  }

  #lose(why: string): void {
    if (!this.isHeld) return;
    this.#stop();
    this.#abort.abort(new RecipeError('LOST', this.path, why));
  }

  #stop(): void {
    this.#unlisten();
    this.#doubt?.cancel();
    this.#forget?.();
  }
}

/** Asks the holder of a lease, or who waits for it, to give it up: the path is that of its node. */
export async function revoke(client: Client, nodePath: string): Promise<void> {
  try {
    await client.set(nodePath, REVOKE satisfies Data);
  } catch (error) {
    if (!(error instanceof NoNodeError)) throw error;
  }
}

function isRevocation(data: Uint8Array): boolean {
  return data.length === REVOKE.length && data.every((byte, i) => byte === REVOKE.charCodeAt(i));
}

const OVER: ReadonlySet<SessionState> = new Set<SessionState>(['expired', 'authFailed', 'closed']);

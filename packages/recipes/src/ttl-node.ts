import { type Client, type Data, NodeExistsError, NoNodeError } from '@corral/client';
import { newAbort } from './abort.ts';
import { joinPath } from './node-path.ts';
import { isPassing, isUnknown } from './outcome.ts';
import { type PersistentNode, persistentNode } from './persistent-node.ts';
import { pause, type WaitOptions } from './wait.ts';

export interface TtlNodeOptions {
  readonly data?: Data;
  /** Milliseconds that it outlives whoever keeps it. */
  readonly ttlMs: number;
}

/**
 * Curator's PersistentTtlNode: a node that outlives its session, and goes some time after nobody keeps it any more. It is kept by a
 * child, `touch`, that is written twice in the time. Needs a server with `extendedTypesEnabled`.
 */
export function ttlNode(client: Client, path: string, options: TtlNodeOptions): TtlNode {
  return new TtlNode(client, path, options);
}

export class TtlNode implements AsyncDisposable {
  readonly node: PersistentNode;
  readonly #client: Client;
  readonly #ttlMs: number;
  readonly #closing = newAbort();
  readonly #touching: Promise<void>;

  constructor(client: Client, path: string, { ttlMs, data = '' }: TtlNodeOptions) {
    if (!(Number.isInteger(ttlMs) && ttlMs >= 1)) throw new RangeError(`ttlMs ${ttlMs}`);
    this.#client = client;
    this.#ttlMs = ttlMs;
    this.node = persistentNode(client, path, { mode: 'persistent', ttl: ttlMs, data });
    this.#touching = this.#keepTouching();
  }

  get path(): string {
    return this.node.path;
  }

  ready(options?: WaitOptions): Promise<void> {
    return this.node.ready(options);
  }

  setData(data: Data): Promise<void> {
    return this.node.setData(data);
  }

  /** Deletes it. Who wants it to stay for its time just ends the session. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#touching;
    await this.#client.delete(this.#touchPath, { ifExists: true }).catch(doNothing);
    await this.node.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #touchPath(): string {
    return joinPath(this.path, 'touch');
  }

  async #keepTouching(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.node.ready({ signal });
        await this.#touch();
      } catch (error) {
        if (signal.aborted || !isPassing(this.#client, error)) return;
      }
      await pause(this.#client, this.#ttlMs / TOUCHES_PER_TTL, signal).catch(doNothing);
    }
  }

  async #touch(): Promise<void> {
    try {
      await this.#client.set(this.#touchPath, '');
    } catch (error) {
      if (!(error instanceof NoNodeError)) throw error;
      await this.#client.create(this.#touchPath, '', { ttl: this.#ttlMs }).catch(ignoreMade);
    }
  }
}

/** Its parent may have gone again: then it is made again, and touched the next time. */
function ignoreMade(error: unknown): void {
  if (!(error instanceof NodeExistsError || error instanceof NoNodeError || isUnknown(error))) throw error;
}

function doNothing(): void {}

const TOUCHES_PER_TTL = 2;

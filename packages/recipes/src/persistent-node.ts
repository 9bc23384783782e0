import {
  type Client,
  type Data,
  NodeExistsError,
  NoNodeError,
  type Op,
  type Seen,
  type Got,
} from '@corral/client';
import { newAbort, until } from './abort.ts';
import { EventSource } from './event-stream.ts';
import { checkPath } from './mutex.ts';
import { ensureFolder } from './folder.ts';
import { parentOf } from './node-path.ts';
import { isPassing, isUnknown } from './outcome.ts';
import { RecipeError } from './recipe-error.ts';
import { pause, type WaitOptions, within } from './wait.ts';

export interface PersistentNodeOptions {
  readonly data?: Data;
  /** Default `ephemeral`: it is there as long as this is open and the session lives, and made again in the next session. */
  readonly mode?: 'ephemeral' | 'persistent' | 'container';
  /** Milliseconds; makes it a TTL node. */
  readonly ttl?: number;
}

/** Curator's PersistentNode: a node that is made again when somebody deletes it, or its session has ended. */
export function persistentNode(
  client: Client,
  path: string,
  options: PersistentNodeOptions = {},
): PersistentNode {
  return new PersistentNode(client, path, options);
}

export class PersistentNode implements AsyncDisposable {
  readonly path: string;
  readonly #client: Client;
  readonly #options: PersistentNodeOptions;
  readonly #closing = newAbort();
  readonly #presence = new EventSource<boolean>();
  readonly #keeping: Promise<void>;
  #data: Data;
  #isDataDue = true;
  #isThere = false;
  #failure: { readonly reason: unknown } | undefined = undefined;

  constructor(client: Client, path: string, options: PersistentNodeOptions) {
    checkPath(client, path);
    this.path = path;
    this.#client = client;
    this.#options = options;
    this.#data = options.data ?? '';
    this.#keeping = this.#keep();
  }

  /** As far as is known now. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** Resolves when it is there. Rejects when it never will be: the session is over, it may not be made, this is closed. */
  ready(options: WaitOptions = {}): Promise<void> {
    return within(this.#client, this.path, options, async ({ signal }) => {
      if (this.#isThere) return;
      if (this.#failure !== undefined) throw this.#failure.reason;
      for await (const isThere of this.#presence.stream(false, signal === undefined ? {} : { signal }))
        if (isThere) return;
      throw new RecipeError('CLOSED', this.path, 'the node was closed');
    });
  }

  /** Calls when it comes and when it goes. @returns how to stop */
  onChange(listener: (isThere: boolean) => void): () => void {
    return this.#presence.listen(listener);
  }

  /** What it holds from now on, also when it is made again. Resolves when it does. */
  async setData(data: Data, op: Op = {}): Promise<void> {
    this.#data = data;
    this.#isDataDue = true;
    await this.ready(op);
    await this.#writeData(op);
  }

  /** Deletes it, and makes it no more. */
  async close(): Promise<void> {
    this.#failure ??= { reason: new RecipeError('CLOSED', this.path, 'the node was closed') };
    this.#closing.abort(this.#failure.reason);
    await this.#keeping;
    this.#presence.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      let seen: Seen<Got<Uint8Array>> | undefined;
      try {
        seen = await this.#see();
        if (this.#isThere) await this.#writeData({ signal }).catch(ignoreNoNode);
        await until(signal, seen.changed);
      } catch (error) {
        if (signal.aborted) break;
        if (isPassing(this.#client, error)) await pause(this.#client, AGAIN_MS, signal).catch(doNothing);
        else return this.#fail(error);
      } finally {
        seen?.forget();
      }
    }
    if (this.#isThere) await this.#remove();
    this.#tell(false);
  }

  /** The node, made where it is missing. One of another session stands in the way: it is waited for until it goes. */
  async #see(): Promise<Seen<Got<Uint8Array>>> {
    for (;;) {
      try {
        const seen = await this.#client.once.get(this.path);
        const { ephemeralOwner } = seen.value.stat;
        this.#tell(
          (this.#options.mode ?? 'ephemeral') !== 'ephemeral' || ephemeralOwner === this.#client.sessionId,
        );
        return seen;
      } catch (error) {
        if (!(error instanceof NoNodeError)) throw error;
        this.#tell(false);
        if (this.#closing.signal.aborted) throw error;
        await this.#create();
      }
    }
  }

  async #create(): Promise<void> {
    const { mode = 'ephemeral', ttl } = this.#options;
    this.#isDataDue = false;
    try {
      if (ttl === undefined) await this.#client.create(this.path, this.#data, { mode });
      else await this.#client.create(this.path, this.#data, { ttl });
    } catch (error) {
      this.#isDataDue = true;
      if (error instanceof NoNodeError) await ensureFolder(this.#client, parentOf(this.path));
      else if (!(error instanceof NodeExistsError || isUnknown(error))) throw error;
    }
  }

  async #writeData(op: Op): Promise<void> {
    while (this.#isDataDue) {
      const data = this.#data;
      await this.#client.set(this.path, data, op);
      if (data === this.#data) this.#isDataDue = false;
    }
  }

  async #remove(): Promise<void> {
    for (;;) {
      try {
        return await this.#client.delete(this.path, { ifExists: true });
      } catch (error) {
        if (!isPassing(this.#client, error) || this.#client.state === 'connecting') return;
      }
    }
  }

  #fail(reason: unknown): void {
    this.#failure = { reason };
    this.#tell(false);
    this.#presence.end(reason);
  }

  #tell(isThere: boolean): void {
    if (isThere === this.#isThere) return;
    this.#isThere = isThere;
    this.#presence.tell(isThere);
  }
}

/** It has gone again: that is seen next. */
function ignoreNoNode(error: unknown): void {
  if (!(error instanceof NoNodeError)) throw error;
}

function doNothing(): void {}

const AGAIN_MS = 100;

import { type Client, NoNodeError, type Op } from '@corral/client';
import { until } from './abort.ts';
import { checkPath } from './mutex.ts';
import { createOnce, ensureFolder } from './folder.ts';
import { parentOf } from './node-path.ts';
import { isReplaced } from './outcome.ts';
import { type WaitOptions, within } from './wait.ts';

/** Curator's DistributedBarrier, kazoo's Barrier: a node that all wait for to go. */
export function barrier(client: Client, path: string): Barrier {
  return new Barrier(client, path);
}

export class Barrier {
  readonly path: string;
  readonly #client: Client;

  constructor(client: Client, path: string) {
    checkPath(client, path);
    this.path = path;
    this.#client = client;
  }

  /** Whoever waits from now on, waits until it is lifted. It outlives this client. */
  async set(op: Op = {}): Promise<void> {
    await ensureFolder(this.#client, parentOf(this.path), op);
    await createOnce(this.#client, this.path, '', op);
  }

  async lift(op: Op = {}): Promise<void> {
    await this.#client.delete(this.path, { ...op, ifExists: true });
  }

  async isSet(op: Op = {}): Promise<boolean> {
    return (await this.#client.exists(this.path, op)) !== null;
  }

  /** Resolves when it is not there. */
  wait(options: WaitOptions = {}): Promise<void> {
    return within(this.#client, this.path, options, async (op) => {
      for (;;) {
        try {
          const seen = await this.#client.once.get(this.path, op);
          await until(op.signal, seen.changed).finally(() => seen.forget());
        } catch (error) {
          if (error instanceof NoNodeError) return;
          if (!isReplaced(this.#client, error)) throw error;
        }
      }
    });
  }
}

import {
  BadVersionError,
  type Client,
  NodeExistsError,
  NoNodeError,
  type Op,
  type Stat,
  utf8,
} from '@corral/client';
import { newAbort, type PlatformSignal } from './abort.ts';
import { Lease } from './lease.ts';
import { joinPath, nameOf } from './node-path.ts';
import { isUnknown } from './outcome.ts';
import { type OwnNode, removeOwn, uuid } from './own-node.ts';
import { RecipeError } from './recipe-error.ts';
import { isSame } from './strict-set.ts';

/** What a consumer got. */
export interface QueueItem<T> extends AsyncDisposable {
  readonly path: string;
  /** The first of its values, which mostly is the only one. */
  readonly value: T;
  readonly values: readonly T[];
  /** Of a safe queue: aborts when the item is not ours any more, and another may have it. */
  readonly lost: PlatformSignal;
  /** It was seen to. Of a safe queue: removes it. Rejects with `LOST` when it was not ours any more: another sees to it too. */
  done(): Promise<void>;
  /** Of a safe queue: gives it back. Nothing when it was `done`. */
  release(): Promise<void>;
}

/**
 * Reads an item and removes it; undefined when somebody else was faster. When the reply to its removal is lost and it is
 * gone, nobody can tell who took it: it is handed out then, for twice is better than never.
 */
export async function takeAway<T>(
  client: Client,
  path: string,
  decode: (data: Uint8Array) => Promise<T[]>,
  op: Op,
): Promise<QueueItem<T> | undefined> {
  const got = await client.tryGet(path, op);
  if (got === null) return undefined;
  let isSure = true;
  for (;;) {
    try {
      // Not given up half-way: what is removed is handed out.
      await client.delete(path, { version: got.stat.version });
      break;
    } catch (error) {
      if (error instanceof BadVersionError) return undefined;
      if (error instanceof NoNodeError && isSure) return undefined;
      if (error instanceof NoNodeError) break;
      if (!isUnknown(error)) throw error;
      isSure = false;
    }
  }
  return new TakenItem(path, await decode(got.data));
}

/** Locks an item and reads it; undefined when somebody else has it, or it is gone. */
export async function claimSafely<T>(
  client: Client,
  path: string,
  lockPath: string,
  decode: (data: Uint8Array) => Promise<T[]>,
  op: Op,
): Promise<QueueItem<T> | undefined> {
  const lock = await createLock(client, joinPath(lockPath, nameOf(path)));
  if (lock === undefined) return undefined;
  try {
    const got = await client.tryGet(path, op);
    if (got !== null) return new LockedItem(client, path, await decode(got.data), new Lease(client, lock));
  } catch (error) {
    removeOwn(client, lock).catch(doNothing);
    throw error;
  }
  await removeOwn(client, lock);
  return undefined;
}

/** Its data tell whose it is, when the reply is lost. */
async function createLock(client: Client, path: string): Promise<OwnNode | undefined> {
  const id = uuid(client);
  for (;;) {
    try {
      const { stat } = await client.create(path, id, { mode: 'ephemeral' });
      return lockNode(path, stat);
    } catch (error) {
      if (error instanceof NodeExistsError) {
        const lock = await client.tryGet(path);
        if (lock === null) continue;
        const { data, stat } = lock;
        const isOurs = stat.ephemeralOwner === client.sessionId && isSame(data, utf8.encode(id));
        return isOurs ? lockNode(path, stat) : undefined;
      }
      if (!isUnknown(error)) throw error;
    }
  }
}

function lockNode(path: string, stat: Stat): OwnNode {
  return { path, name: nameOf(path), stat, sessionId: stat.ephemeralOwner, isNameShared: true };
}

/** Gone from the queue already. */
class TakenItem<T> implements QueueItem<T> {
  readonly path: string;
  readonly value: T;
  readonly values: readonly T[];
  readonly lost: PlatformSignal = newAbort().signal;

  constructor(path: string, values: readonly T[]) {
    this.path = path;
    this.value = values[0]!;
    this.values = values;
  }

  async done(): Promise<void> {}

  async release(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

class LockedItem<T> implements QueueItem<T> {
  readonly path: string;
  readonly value: T;
  readonly values: readonly T[];
  readonly #client: Client;
  readonly #lock: Lease;
  #isDone = false;

  constructor(client: Client, path: string, values: readonly T[], lock: Lease) {
    this.path = path;
    this.value = values[0]!;
    this.values = values;
    this.#client = client;
    this.#lock = lock;
  }

  get lost(): PlatformSignal {
    return this.#lock.lost;
  }

  async done(): Promise<void> {
    if (this.#isDone) return;
    for (let isSure = true; ;) {
      // All locks of an item have one name: only within the session that made it is it sure to be ours.
      if (!this.#lock.isHeld)
        throw new RecipeError('LOST', this.path, 'the item is not locked by us any more');
      try {
        await this.#client.transaction().delete(this.#lock.path).delete(this.path).commit();
        break;
      } catch (error) {
        if (isUnknown(error)) isSure = false;
        else if (!(error instanceof NoNodeError)) throw error;
        else if (isSure)
          throw new RecipeError('LOST', this.path, 'the item, or its lock, is gone', { cause: error });
        else break;
      }
    }
    this.#isDone = true;
    // The next one may have a lock of the same name by now.
    this.#lock.settle();
  }

  release(): Promise<void> {
    return this.#isDone ? Promise.resolve() : this.#lock.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

function doNothing(): void {}

import { type Client, NoNodeError, type Op } from '@corral/client';
import { until } from './abort.ts';
import { checkPath } from './mutex.ts';
import { createOnce } from './folder.ts';
import { joinPath } from './node-path.ts';
import { createOwn, type OwnNode, removeOwn } from './own-node.ts';
import { RecipeError } from './recipe-error.ts';
import { type WaitOptions, within } from './wait.ts';

/** Curator's DistributedDoubleBarrier, kazoo's DoubleBarrier: so many enter together, and leave together. */
export function doubleBarrier(client: Client, path: string, memberCount: number): DoubleBarrier {
  return new DoubleBarrier(client, path, memberCount);
}

/** One member, for one time in and out. */
export class DoubleBarrier {
  readonly path: string;
  readonly #client: Client;
  readonly #memberCount: number;
  readonly #ready: string;
  #own: OwnNode | undefined = undefined;

  constructor(client: Client, path: string, memberCount: number) {
    checkPath(client, path);
    if (!(Number.isInteger(memberCount) && memberCount >= 1)) throw new RangeError(`${memberCount} members`);
    this.path = path;
    this.#client = client;
    this.#memberCount = memberCount;
    this.#ready = joinPath(path, READY);
  }

  /** Resolves when as many as there are to be have come. Who gives up is not counted any more. */
  enter(options: WaitOptions = {}): Promise<void> {
    if (this.#own !== undefined) throw new RangeError(`${this.path} was entered already`);
    return within(this.#client, this.path, options, async (op) => {
      const own = await createOwn(
        this.#client,
        { folder: this.path, nameOf: asIs, isComplete: true },
        '',
        op,
      );
      try {
        await this.#waitForAll(own, op);
        this.#own = own;
      } catch (error) {
        removeOwn(this.#client, own).catch(doNothing);
        throw error;
      }
    });
  }

  /** Resolves when all have left, or their sessions are over. Who gives up has left. */
  leave(options: WaitOptions = {}): Promise<void> {
    const own = this.#own;
    if (own === undefined) throw new RangeError(`${this.path} was not entered`);
    this.#own = undefined;
    return within(this.#client, this.path, options, async (op) => {
      try {
        await this.#waitForNobody(own, op);
      } catch (error) {
        removeOwn(this.#client, own).catch(doNothing);
        throw error;
      }
      await this.#client.delete(this.#ready, { ...op, ifExists: true });
    });
  }

  async #waitForAll(own: OwnNode, op: Op): Promise<void> {
    for (;;) {
      const seen = await this.#client.once.exists(this.#ready, op);
      try {
        const names = await this.#members(op);
        if (!names.includes(own.name) || this.#client.sessionId !== own.sessionId)
          throw new RecipeError('LOST', own.path, 'the node is gone while others were awaited');
        if (seen.value !== null) return;
        if (names.length >= this.#memberCount) return await createOnce(this.#client, this.#ready, '', op);
        await until(op.signal, seen.changed);
      } finally {
        seen.forget();
      }
    }
  }

  /** The one with the lowest name waits for the highest, all others leave and wait for the lowest: nobody is woken in vain. */
  async #waitForNobody(own: OwnNode, op: Op): Promise<void> {
    let isThere = true;
    for (;;) {
      const names = await this.#members(op);
      const isFirst = isThere && names[0] === own.name;
      const other = isFirst ? names.at(-1)! : names[0];
      if (isThere && (!isFirst || names.length === 1)) {
        await until(op.signal, removeOwn(this.#client, own));
        isThere = false;
      }
      if (other === undefined || other === own.name) return;
      try {
        const seen = await this.#client.once.get(joinPath(this.path, other), op);
        await until(op.signal, seen.changed).finally(() => seen.forget());
      } catch (error) {
        if (!(error instanceof NoNodeError)) throw error;
      }
    }
  }

  async #members(op: Op): Promise<string[]> {
    try {
      const { names } = await this.#client.children(this.path, op);
      return names.filter((name) => name !== READY).toSorted();
    } catch (error) {
      if (error instanceof NoNodeError) return [];
      throw error;
    }
  }
}

function asIs(id: string): string {
  return id;
}

function doNothing(): void {}

const READY = 'ready';

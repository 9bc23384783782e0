import type { Client, Data } from '@corral/client';
import { type Cache, childrenCache } from './cache.ts';
import { checkPath } from './mutex.ts';
import { joinPath, nameOf } from './node-path.ts';
import { uuid } from './own-node.ts';
import { type PersistentNode, persistentNode } from './persistent-node.ts';
import { type WaitOptions, within } from './wait.ts';

export interface GroupOptions extends WaitOptions {
  /** Who joins: the name of its node. Default: a name of its own. */
  readonly id?: string;
  readonly data?: Data;
  /** `kazoo`: named as a Party's members, whose identifier is `data`; `kazoo-shallow`: as a ShallowParty's, whose is `id`. */
  readonly naming?: 'curator' | 'kazoo' | 'kazoo-shallow';
}

/** Curator's GroupMember, kazoo's Party: joins, and knows who else is there. Resolves when it has joined. */
export async function joinGroup(
  client: Client,
  path: string,
  options: GroupOptions = {},
): Promise<GroupMember> {
  checkPath(client, path);
  const id = options.id ?? uuid(client);
  const name = memberName(client, id, options.naming);
  const node = persistentNode(client, joinPath(path, name), { data: options.data ?? '' });
  try {
    return await within(client, path, options, async (op) => {
      await node.ready(op);
      return new GroupMember(node, await childrenCache(client, path, op));
    });
  } catch (error) {
    node.close().catch(doNothing);
    throw error;
  }
}

function memberName(client: Client, id: string, naming: GroupOptions['naming']): string {
  if (naming === 'kazoo') return `${id.replaceAll('-', '')}__party__`;
  return naming === 'kazoo-shallow' ? `${uuid(client).replaceAll('-', '')}-${id}` : id;
}

export class GroupMember implements AsyncDisposable {
  readonly #node: PersistentNode;
  readonly #others: Cache;

  constructor(node: PersistentNode, others: Cache) {
    this.#node = node;
    this.#others = others;
  }

  get id(): string {
    return nameOf(this.#node.path);
  }

  /** What each says of itself, by id; ourselves among them, as far as the servers know of us. */
  members(): Map<string, Uint8Array> {
    return new Map(Array.from(this.#others.nodes(), ({ path, data }) => [nameOf(path), data]));
  }

  /** Calls when somebody has come, gone, or says something else. @returns how to stop */
  onChange(listener: () => void): () => void {
    return this.#others.onChange(listener);
  }

  setData(data: Data): Promise<void> {
    return this.#node.setData(data);
  }

  /** Leaves. */
  async close(): Promise<void> {
    await this.#others.close();
    await this.#node.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function doNothing(): void {}

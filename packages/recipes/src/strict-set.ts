import { BadVersionError, type Client, type Op, type Stat, type Transaction, ZkError } from '@corral/client';
import { isUnknown } from './outcome.ts';
import { createOwn, type OwnNode, removeOwn } from './own-node.ts';

/**
 * Sets the data of one version; null when somebody else was faster. When the reply is lost it finds out whether the change
 * happened, as far as reading can tell: the version still stands (it never will: again), or the next one holds other data
 * (it did not). Else it throws `OutcomeUnknownError`: the same data may be somebody else's.
 */
export async function strictSet(
  client: Client,
  path: string,
  data: Uint8Array,
  version: number,
  op: Op,
): Promise<Stat | null> {
  for (;;) {
    try {
      return await client.set(path, data, { ...op, version });
    } catch (error) {
      if (error instanceof BadVersionError) return null;
      if (!isUnknown(error)) throw error;
      await client.sync(path, op);
      const now = await client.tryGet(path, op);
      if (now === null) throw error;
      if (now.stat.version === version) continue;
      if (now.stat.version === ((version + 1) | 0) && !isSame(now.data, data)) return null;
      throw error;
    }
  }
}

/**
 * Transactions of which it is always known whether they happened, as long as the session lives: each also sets a node of our
 * own, whose version then tells.
 */
export class WitnessedWriter {
  readonly #client: Client;
  readonly #folder: string;
  #opening: Promise<Witness> | undefined = undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param folder where the node of our own is made: `_c_<uuid>-writer`, ephemeral */
  constructor(client: Client, folder: string) {
    this.#client = client;
    this.#folder = folder;
  }

  /**
   * One after the other. Throws what the transaction is refused with; `OutcomeUnknownError` only when the session ended too.
   * @param build called for each try
   */
  commit(build: (transaction: Transaction<[]>) => void, op: Op): Promise<void> {
    const mine = this.#last.catch(doNothing).then(() => this.#commit(build, op));
    this.#last = mine;
    return mine;
  }

  async close(): Promise<void> {
    await this.#last.catch(doNothing);
    const witness = await this.#opening?.catch(doNothing);
    if (witness !== undefined) await removeOwn(this.#client, witness.node);
  }

  async #commit(build: (transaction: Transaction<[]>) => void, op: Op): Promise<void> {
    const witness = await this.#witness(op);
    for (;;) {
      const transaction = this.#client.transaction();
      build(transaction);
      witness.isSure = false;
      try {
        await transaction.set(witness.node.path, '', witness.version).commit(op);
        witness.version++;
        witness.isSure = true;
        return;
      } catch (error) {
        witness.isSure = error instanceof ZkError && !isUnknown(error);
        if (!isUnknown(error)) throw error;
        const before = witness.version;
        if (!(await this.#ask(witness))) throw error;
        if (witness.version !== before) return;
      }
    }
  }

  /** False where the node is gone: with its session, and with what it could have told. */
  async #ask(witness: Witness): Promise<boolean> {
    await this.#client.sync(witness.node.path);
    const stat = await this.#client.exists(witness.node.path);
    if (stat?.czxid !== witness.node.stat.czxid) return false;
    witness.version = stat.version;
    witness.isSure = true;
    return true;
  }

  async #witness(op: Op): Promise<Witness> {
    const open = await this.#opening?.catch(doNothing);
    const isOurs = open?.node.sessionId === this.#client.sessionId;
    // Whoever gave up waiting for the last one did not learn what became of it.
    if (open !== undefined && isOurs && (open.isSure || (await this.#ask(open)))) return open;
    this.#opening = createOwn(
      this.#client,
      { folder: this.#folder, nameOf: witnessName, isComplete: true },
      '',
      op,
    ).then((node) => ({ node, version: 0, isSure: true }));
    return this.#opening;
  }
}

interface Witness {
  readonly node: OwnNode;
  version: number;
  /** The version is what the server has. */
  isSure: boolean;
}

function witnessName(id: string): string {
  return `_c_${id}-writer`;
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function doNothing(): void {}

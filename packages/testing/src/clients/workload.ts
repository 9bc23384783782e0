import { CreateMode, isEphemeral, isSequential } from '@corral/protocol';
import type { Random } from '@corral/runtime';
import type { Operation, OperationResult, WriteOperation } from '../history.ts';

/** What one client does. A new one is made for each client; it may keep what it likes. */
export interface ClientScript {
  /** The next requests, sent at once one behind another; none is a pause. */
  next(): readonly Operation[];
  /** Milliseconds until `next` is called again, once all of them have been answered. */
  pauseMs(): number;
  /** How a request of this client ended; undefined: unknown, or an error. */
  onResult?(operation: Operation, result: OperationResult | undefined): void;
}

/** Who writes and reads what: one script for each client. All that is random comes from `random`. */
export type Workload = (client: number, random: Random) => ClientScript;

/**
 * A little of everything: creates of all kinds, deletes, setData with and without a version, multis, reads with and without
 * watches, syncs, bursts, and now and then the end of a session. The tree stays small, so that clients meet.
 */
export const standardWorkload: Workload = (client, random) => new StandardScript(client, random);

class StandardScript implements ClientScript {
  readonly #client: number;
  readonly #random: Random;
  readonly #created: string[] = [];
  #values = 0;

  constructor(client: number, random: Random) {
    this.#client = client;
    this.#random = random;
  }

  next(): Operation[] {
    const roll = this.#random.below(100);
    if (roll === 0) return [{ op: 'closeSession' }];
    // What a server that was away for a while has to catch up with.
    if (roll < 2) return Array.from({ length: 20 + this.#random.below(60) }, () => this.#write());
    if (roll < 12) return Array.from({ length: 2 + this.#random.below(8) }, () => this.#one());
    return [this.#one()];
  }

  pauseMs(): number {
    return this.#random.below(2800);
  }

  onResult(operation: Operation, result: OperationResult | undefined): void {
    if (operation.op === 'create' && result?.path !== undefined && !isEphemeral(operation.mode))
      this.#created.push(result.path);
  }

  #one(): Operation {
    const roll = this.#random.below(100);
    if (roll < 45) return this.#write();
    if (roll < 52) return { op: 'multi', operations: this.#multi() };
    if (roll < 68) return { op: 'getData', path: this.#anyPath(), watch: this.#isLucky(4) };
    if (roll < 80) return { op: 'exists', path: this.#anyPath(), watch: this.#isLucky(3) };
    if (roll < 94) return { op: 'getChildren', path: this.#anyParent(), watch: this.#isLucky(4) };
    return { op: 'sync', path: '/' };
  }

  #write(): WriteOperation {
    const roll = this.#random.below(100);
    if (this.#created.length > OWN_NODES_MAX || (roll < 30 && this.#created.length > 0))
      return { op: 'delete', path: this.#created.shift()!, version: -1 };
    if (roll < 38) return { op: 'delete', path: this.#anyPath(), version: -1 };
    if (roll < 70) return this.#setData();
    return this.#create();
  }

  #create(): WriteOperation {
    const mode = MODES[this.#random.below(MODES.length)]!;
    const parent = this.#anyParent();
    const name = isSequential(mode) ? 'q' : `k${this.#random.below(NAMES)}`;
    return {
      op: 'create',
      path: parent === '/' ? `/${name}` : `${parent}/${name}`,
      value: this.#value(),
      mode,
    };
  }

  #setData(): WriteOperation {
    const version = this.#isLucky(4) ? this.#random.below(3) : -1;
    return { op: 'setData', path: this.#anyPath(), value: this.#value(), version };
  }

  #multi(): WriteOperation[] {
    return Array.from({ length: 1 + this.#random.below(4) }, () =>
      this.#isLucky(5)
        ? { op: 'check', path: this.#anyPath(), version: -1 }
        : this.#isLucky(2)
          ? this.#setData()
          : this.#create(),
    );
  }

  #anyPath(): string {
    const parent = this.#anyParent();
    return parent === '/' ? `/k${this.#random.below(NAMES)}` : `${parent}/k${this.#random.below(NAMES)}`;
  }

  #anyParent(): string {
    return this.#isLucky(2) ? '/' : `/k${this.#random.below(NAMES)}`;
  }

  #value(): string {
    return `${this.#client}:${++this.#values}${'.'.repeat(this.#random.below(24))}`;
  }

  #isLucky(one: number): boolean {
    return this.#random.below(one) === 0;
  }
}

const NAMES = 8;
const OWN_NODES_MAX = 12;
const MODES = [
  CreateMode.PERSISTENT,
  CreateMode.PERSISTENT,
  CreateMode.PERSISTENT_SEQUENTIAL,
  CreateMode.PERSISTENT_SEQUENTIAL,
  CreateMode.EPHEMERAL,
  CreateMode.EPHEMERAL_SEQUENTIAL,
];

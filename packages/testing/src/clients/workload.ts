import { CreateMode, isEphemeral, isSequential, Perms } from '@corral/protocol';
import type { Random } from '@corral/runtime';
import type { Operation, OperationResult, WriteOperation } from '../history.ts';

/** What one client does. A new one is made for each client; it may keep what it likes. */
export interface ClientScript {
  /** What the client shows on each connection: scheme and credentials. */
  readonly auth?: readonly [scheme: string, credentials: string];
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
  readonly auth: readonly [string, string];
  readonly #identity: string;
  readonly #client: number;
  readonly #random: Random;
  readonly #created: string[] = [];
  #values = 0;
  /** A node that was seen last, and its version. */
  #seen: { readonly path: string; readonly version: number } | undefined = undefined;

  constructor(client: number, random: Random) {
    const [credentials, identity] = USERS[client % USERS.length]!;
    this.auth = ['digest', credentials];
    this.#identity = identity;
    this.#client = client;
    this.#random = random;
  }

  next(): Operation[] {
    const roll = this.#random.below(100);
    if (roll === 0) return this.#end();
    // What a server that was away for a while has to catch up with.
    if (roll < 2) return Array.from({ length: 20 + this.#random.below(60) }, () => this.#write());
    if (roll < 12) return Array.from({ length: 2 + this.#random.below(8) }, () => this.#one());
    return [this.#one()];
  }

  pauseMs(): number {
    return this.#random.below(2700);
  }

  onResult(operation: Operation, result: OperationResult | undefined): void {
    if ('path' in operation && result?.stat !== undefined)
      this.#seen = { path: operation.path, version: result.stat.version };
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

  /** What is sent behind the end of a session is never done. */
  #end(): Operation[] {
    const late = Array.from({ length: this.#random.below(3) }, () => this.#create());
    return [{ op: 'closeSession' }, ...late];
  }

  #write(): WriteOperation {
    const roll = this.#random.below(100);
    if (this.#created.length > OWN_NODES_MAX || (roll < 30 && this.#created.length > 0))
      return { op: 'delete', path: this.#created.shift()!, version: -1 };
    if (roll < 36) return { op: 'delete', path: this.#anyPath(), version: -1 };
    if (roll < 39) return this.#guarded();
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

  /** A node that only some may read, or write. */
  #guarded(): WriteOperation {
    const own = { perms: Perms.ALL, scheme: 'digest', id: this.#identity };
    const others = { perms: this.#isLucky(2) ? Perms.READ : Perms.WRITE, scheme: 'world', id: 'anyone' };
    return {
      op: 'create',
      path: this.#guardedPath(),
      value: this.#value(),
      mode: CreateMode.PERSISTENT,
      acl: this.#isLucky(2) ? [own] : [own, others],
    };
  }

  #setData(): WriteOperation {
    // Several clients that have seen the same, and write: one of them is right.
    if (this.#seen !== undefined && this.#isLucky(4))
      return { op: 'setData', ...this.#seen, value: this.#value() };
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

  #guardedPath(): string {
    return `/g${this.#random.below(GUARDED_NAMES)}`;
  }

  #anyPath(): string {
    if (this.#isLucky(20)) return this.#guardedPath();
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

/** Credentials, and how ACLs name who shows them. */
const USERS = [
  ['u1:p1', 'u1:fpT/y03U+EjItKZOSLGvjnJlyng='],
  ['u2:p2', 'u2:o9NxcCGDPOlcV7JVhmKHOf5ctVE='],
] as const;
const NAMES = 8;
const GUARDED_NAMES = 3;
const OWN_NODES_MAX = 12;
const MODES = [
  CreateMode.PERSISTENT,
  CreateMode.PERSISTENT,
  CreateMode.PERSISTENT_SEQUENTIAL,
  CreateMode.PERSISTENT_SEQUENTIAL,
  CreateMode.EPHEMERAL,
  CreateMode.EPHEMERAL_SEQUENTIAL,
];

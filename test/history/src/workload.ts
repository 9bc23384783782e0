import { Dice } from '@corral-test/oracle';
import { CreateMode, Perms } from '@corral/protocol';
import type { FurtherOperation, Operation, WriteOperation } from '@corral/testing';

const GROUPS: readonly string[] = ['a', 'p', 'r', 's'];

/** What a client may ask: everything of which a history may tell. */
export type Request = Operation | FurtherOperation;

export interface WorkloadOptions {
  readonly seed: number;
  /** Identities of the scheme `digest` that nodes may be given to. */
  readonly users: readonly string[];
  /** Where a path is watched in one way only: before 3.9 the last way to be set replaces another (ZOOKEEPER-4466). */
  readonly oneWatchMode?: boolean;
  /** The node that all of it lies under. */
  readonly root?: string;
}

/** Requests at random on few nodes, so that clients meet; every value is unique. */
export class RandomWorkload {
  readonly #dice: Dice;
  readonly #users: readonly string[];
  readonly #oneWatchMode: boolean;
  readonly #root: string;
  readonly #persistentlyWatched: ReadonlySet<string>;
  #values = 0;

  constructor({ seed, users, oneWatchMode = false, root = '/h' }: WorkloadOptions) {
    this.#root = root;
    this.#persistentlyWatched = new Set([`${root}/p`, `${root}/p/3`, `${root}/r`]);
    this.#oneWatchMode = oneWatchMode;
    this.#dice = new Dice(seed);
    this.#users = users;
  }

  /** What has to be there first. */
  foundations(): Request[] {
    return [this.#root, ...GROUPS.map((group) => `${this.#root}/${group}`)].map((path) => ({
      op: 'create',
      path,
      value: this.#value(),
      mode: CreateMode.PERSISTENT,
    }));
  }

  next(): Request {
    const request = this.#any();
    const isTwice = this.#oneWatchMode && 'watch' in request && this.#persistentlyWatched.has(request.path);
    return isTwice ? { ...request, watch: false } : request;
  }

  #any(): Request {
    const dice = this.#dice;
    return dice.weighted<() => Request>([
      [22, () => this.#write()],
      [4, () => this.#multi()],
      [
        2,
        () => ({
          op: 'multiRead',
          operations: [
            { op: 'getData', path: this.#path() },
            { op: 'getChildren', path: this.#group() },
          ],
        }),
      ],
      [12, () => ({ op: 'getData', path: this.#path(), watch: dice.chance(0.3) })],
      [10, () => ({ op: 'exists', path: this.#path(), watch: dice.chance(0.4) })],
      [10, () => ({ op: 'getChildren', path: this.#group(), watch: dice.chance(0.3) })],
      [3, () => ({ op: 'sync', path: '/' })],
      [1, () => ({ op: 'getEphemerals', path: this.#root })],
      [1, () => ({ op: 'getAllChildrenNumber', path: this.#group() })],
      [1, () => ({ op: 'getACL', path: this.#path() })],
      [
        1,
        () => ({
          op: 'setACL',
          path: this.#path(),
          acl: this.#acl(),
          version: dice.chance(0.5) ? -1 : dice.below(3),
        }),
      ],
      [1, () => ({ op: 'addWatch', path: `${this.#root}${dice.chance(0.5) ? '/p' : '/p/3'}`, mode: 0 })],
      [1, () => ({ op: 'addWatch', path: `${this.#root}/r`, mode: 1 })],
      [1, () => ({ op: 'removeWatches', path: this.#path(), type: 3 })],
      [2, () => ({ op: 'ping' })],
    ])();
  }

  #write(): WriteOperation {
    const dice = this.#dice;
    const version = dice.chance(0.7) ? -1 : dice.below(4);
    return dice.weighted<() => WriteOperation>([
      [9, () => this.#create()],
      [5, () => ({ op: 'delete', path: this.#path(), version })],
      [8, () => ({ op: 'setData', path: this.#path(), value: this.#value(), version })],
    ])();
  }

  #create(): WriteOperation {
    const dice = this.#dice;
    const mode = dice.weighted<CreateMode>([
      [6, CreateMode.PERSISTENT],
      [3, CreateMode.EPHEMERAL],
      [2, CreateMode.PERSISTENT_SEQUENTIAL],
      [2, CreateMode.EPHEMERAL_SEQUENTIAL],
    ]);
    const isSequential =
      mode === CreateMode.PERSISTENT_SEQUENTIAL || mode === CreateMode.EPHEMERAL_SEQUENTIAL;
    const path = isSequential
      ? `${this.#root}/s/n-`
      : dice.chance(0.15)
        ? `${this.#path()}/below`
        : this.#path();
    const created = { op: 'create', path, value: this.#value(), mode } as const;
    return dice.chance(0.1) ? { ...created, acl: this.#acl() } : created;
  }

  #multi(): Request {
    const parts = this.#dice.between(1, 4);
    return {
      op: 'multi',
      operations: Array.from({ length: parts }, () =>
        this.#dice.chance(0.2)
          ? ({
              op: 'check',
              path: this.#path(),
              version: this.#dice.chance(0.6) ? -1 : this.#dice.below(3),
            } as const)
          : this.#write(),
      ),
    };
  }

  #acl(): { perms: number; scheme: string; id: string }[] {
    const all = { perms: Perms.ALL, scheme: 'world', id: 'anyone' };
    if (this.#users.length === 0 || this.#dice.chance(0.4)) return [all];
    const mine = { perms: Perms.ALL, scheme: 'digest', id: this.#dice.pick(this.#users) };
    return this.#dice.chance(0.5) ? [mine] : [mine, { ...all, perms: Perms.READ }];
  }

  #group(): string {
    return `${this.#root}/${this.#dice.pick(GROUPS)}`;
  }

  #path(): string {
    return `${this.#root}/${this.#dice.pick(['a', 'a', 'p', 'r', 's'])}/${this.#dice.below(6)}`;
  }

  #value(): string {
    return `value ${++this.#values} of ${this.#root}`;
  }
}

import { encodeFrame, opCodes, type Operation, type Text } from '../wire/operation.ts';
import type { Sent, Step } from '../play/step.ts';
import { Dice } from './dice.ts';
import {
  aPath,
  anAcl,
  aVersion,
  containerPath,
  openAcl,
  plainPath,
  prefixPath,
  someData,
  users,
} from './vocabulary.ts';

/**
 * A random script. What kills Apache or ruins its directory is not in it (the tables of named cases have it), nor
 * what makes two runs of one server differ: only one connection has requests in flight at a time, and what
 * overtakes (`auth`, `sasl`, requests that end the connection) goes alone.
 */
export function randomScript(seed: number, stepCount: number): Step[] {
  const writer = new ScriptWriter(new Dice(seed));
  return writer.script(stepCount);
}

const connCount = 4;

class ScriptWriter {
  readonly #dice: Dice;
  readonly #kinds: readonly (readonly [number, () => Sent])[];

  constructor(dice: Dice) {
    this.#dice = dice;
    // Each run dwells on some kinds of request and neglects others.
    this.#kinds = this.#requests.map(([weight, make]) => [weight * 4 ** (dice.below(200) / 100 - 1), make]);
  }

  script(stepCount: number): Step[] {
    const steps: Step[] = Array.from({ length: connCount }, (_, conn) => ({ do: 'connect', conn }));
    steps.push({ do: 'send', conn: 0, ops: quotaNodes() });
    while (steps.length < stepCount) steps.push(...this.#steps());
    steps.push({ do: 'settle' });
    return steps;
  }

  #steps(): Step[] {
    const dice = this.#dice;
    const conn = dice.below(connCount);
    const roll = dice.below(1000);
    if (roll < 6)
      return [
        { do: 'send', conn, ops: [{ op: 'closeSession' }] },
        { do: 'connect', conn },
      ];
    if (roll < 14) return this.#reconnect(conn);
    if (roll < 18) return this.#takeOver(conn);
    if (roll < 22)
      return [
        { do: 'send', conn, ops: [this.#unknown()] },
        { do: 'connect', conn },
      ];
    if (roll < 38) return [{ do: 'send', conn, ops: [this.#auth()] }];
    if (roll < 40) return [{ do: 'send', conn, ops: [{ op: 'sasl', token: 'abc' }] }];
    if (roll < 55) return [this.#cutShort(conn)];
    const burst = dice.chance(0.6) ? 1 : dice.between(2, 25);
    return [{ do: 'send', conn, ops: Array.from({ length: burst }, () => this.#request()) }];
  }

  /** The connection is lost, things happen, the session comes back with its watches. */
  #reconnect(conn: number): Step[] {
    const other = (conn + 1) % connCount;
    const meanwhile = Array.from({ length: this.#dice.below(6) }, () => this.#request());
    return [
      { do: 'drop', conn },
      ...(meanwhile.length > 0 ? [{ do: 'send', conn: other, ops: meanwhile } as const] : []),
      { do: 'connect', conn, with: { attach: conn } },
      { do: 'send', conn, ops: [this.#setWatches()] },
    ];
  }

  /** A session is attached from a second connection while the first is open, with the right password or not. */
  #takeOver(conn: number): Step[] {
    const other = (conn + 1) % connCount;
    if (this.#dice.chance(0.5)) {
      return [
        { do: 'settle' },
        { do: 'connect', conn: other, with: { attach: conn } },
        { do: 'connect', conn },
      ];
    }
    return [
      { do: 'drop', conn },
      { do: 'connect', conn, with: { attach: conn, passwd: 'wrong' } },
      { do: 'connect', conn },
    ];
  }

  #request(): Sent {
    return this.#dice.weighted(this.#kinds)();
  }

  readonly #requests: readonly (readonly [number, () => Sent])[] = [
    [14, () => this.#create()],
    [8, () => ({ op: 'delete', path: aPath(this.#dice), version: aVersion(this.#dice) })],
    [8, () => ({ op: 'delete', path: plainPath(this.#dice), version: -1 })],
    [0.7, () => ({ op: 'deleteContainer', path: containerPath(this.#dice) })],
    [8, () => this.#setData()],
    [6, () => ({ op: 'exists', path: aPath(this.#dice), watch: this.#dice.chance(0.4) })],
    [6, () => ({ op: 'getData', path: aPath(this.#dice), watch: this.#dice.chance(0.4) })],
    [3, () => ({ op: 'getChildren', path: aPath(this.#dice), watch: this.#dice.chance(0.4) })],
    [4, () => ({ op: 'getChildren2', path: aPath(this.#dice), watch: this.#dice.chance(0.4) })],
    [3, () => ({ op: 'getACL', path: aPath(this.#dice) })],
    [2.5, () => this.#setAcl()],
    [1, () => ({ op: 'sync', path: aPath(this.#dice) })],
    [1, () => ({ op: 'ping' })],
    [1, () => ({ op: 'ping', xid: this.#dice.between(100_000, 200_000) })],
    [7, () => ({ op: 'multi', ops: this.#list(6, () => this.#part()) })],
    [3, () => ({ op: 'multiRead', ops: this.#list(5, () => this.#readPart()) })],
    [1, () => ({ op: 'getEphemerals', path: this.#dice.chance(0.3) ? '/' : aPath(this.#dice) })],
    [1, () => ({ op: 'getAllChildrenNumber', path: aPath(this.#dice) || '/' })],
    [0.5, () => ({ op: 'whoAmI' })],
    [3, () => ({ op: 'addWatch', path: this.#watchedPath(), mode: this.#dice.below(2) })],
    [1, () => ({ op: 'addWatch', path: this.#watchedPath(), mode: this.#dice.pick([0, 1, 1, 2, -1]) })],
    [1.5, () => ({ op: 'removeWatches', path: this.#watchedPath(), type: this.#watcherType() })],
    [1.5, () => ({ op: 'checkWatches', path: this.#watchedPath(), type: this.#watcherType() })],
    [1, () => this.#setWatches()],
    [0.2, () => ({ op: 'reconfig', joining: null, leaving: '1', members: null, version: -1 })],
  ];

  #create(): Operation {
    const dice = this.#dice;
    const data = someData(dice);
    const acl = anAcl(dice);
    const roll = dice.below(100);
    if (roll < 75) {
      const path = aPath(dice);
      // Of figures that are counted anew at once, Apache shows the Stat from before that.
      const op = dice.chance(0.5) || path?.endsWith('zookeeper_stats') === true ? 'create' : 'create2';
      const flags = dice.weighted([
        [6, 0],
        [3, 1],
        [2, 2],
        [2, 3],
        [0.2, 5],
        [0.2, dice.pick([7, -1, 100])],
      ]);
      return { op, path: flags === 2 || flags === 3 ? prefixPath(dice) : path, data, acl, flags };
    }
    if (roll < 87) {
      const path = dice.chance(0.5) ? containerPath(dice) : plainPath(dice);
      return { op: 'createContainer', path, data, acl, flags: 4 };
    }
    const flags = dice.pick([5, 5, 5, 6, 6, 1, 9]);
    const ttl = dice.pick([1, 1_000_000, 1_000_000, 86_400_000, 0, 1_099_511_627_775, 1_099_511_627_776]);
    // A negative ttl with a mode that has none kills Apache.
    const isTtl = flags === 5 || flags === 6;
    const path = flags === 6 ? prefixPath(dice) : plainPath(dice);
    return { op: 'createTTL', path, data, acl, flags, ttl: isTtl && dice.chance(0.1) ? -1 : ttl };
  }

  /** The figures below a quota must stay readable: other text there kills Apache. */
  #setData(): Operation {
    const path = aPath(this.#dice);
    const isQuota = path?.startsWith('/zookeeper/quota') === true;
    const data = isQuota
      ? `count=${this.#dice.below(9)},bytes=${this.#dice.below(99)}`
      : someData(this.#dice);
    return { op: 'setData', path, data, version: aVersion(this.#dice) };
  }

  /** The top stays open, so that a run does not lock itself out. */
  #setAcl(): Operation {
    const path = this.#dice.chance(0.1)
      ? aPath(this.#dice)
      : `${plainPath(this.#dice)}/${this.#dice.pick(['a', 'b'])}`;
    const isSystem = path === '/' || path?.startsWith('/zookeeper') === true;
    return { op: 'setACL', path, acl: isSystem ? openAcl : anAcl(this.#dice), version: aVersion(this.#dice) };
  }

  #part(): Operation {
    return this.#dice.weighted<() => Operation>([
      [6, () => this.#create()],
      [3, () => ({ op: 'delete', path: aPath(this.#dice), version: aVersion(this.#dice) })],
      [3, () => ({ op: 'delete', path: plainPath(this.#dice), version: -1 })],
      [3, () => this.#setData()],
      [3, () => ({ op: 'check', path: aPath(this.#dice), version: aVersion(this.#dice) })],
    ])();
  }

  #readPart(): Operation {
    return {
      op: this.#dice.pick(['getData', 'getChildren']),
      path: aPath(this.#dice),
      watch: this.#dice.chance(0.2),
    };
  }

  #setWatches(): Operation {
    const since = { before: this.#dice.below(30) };
    const paths = (): Text[] => this.#list(4, () => aPath(this.#dice) ?? '/a');
    const lists = { since, data: paths(), exist: paths(), child: paths() };
    if (this.#dice.chance(0.5)) return { op: 'setWatches', ...lists };
    return { op: 'setWatches2', ...lists, persistent: paths(), recursive: paths() };
  }

  #auth(): Sent {
    return { op: 'auth', scheme: 'digest', token: this.#dice.pick(users) };
  }

  #unknown(): Sent {
    return { op: 'raw', type: this.#dice.pick([0, 10, 23, 99, 108, 1000, -5]), body: '' };
  }

  /** Apache 3.9 keeps watches on a path that is null; Corral refuses them. */
  #watchedPath(): string {
    return aPath(this.#dice) ?? '';
  }

  #watcherType(): number {
    return this.#dice.pick([1, 2, 3, 3, 4, 5]);
  }

  /** A request whose body ends early. */
  #cutShort(conn: number): Step {
    const whole = this.#request();
    if (whole.op === 'raw' || whole.op === 'sasl') return { do: 'send', conn, ops: [whole] };
    const body = encodeFrame(0, whole, 0).subarray(12);
    const kept = body.subarray(0, this.#dice.below(body.length + 1));
    const cut: Operation = { op: 'raw', type: opCodes[whole.op], body: kept.toHex() };
    return { do: 'send', conn, ops: [cut], drift: 'an undecodable request takes a zxid in some servers' };
  }

  #list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.#dice.below(most + 1) }, make);
  }
}

function quotaNodes(): Sent[] {
  const create = (path: string, data: string): Sent => ({ op: 'create', path, data, acl: openAcl, flags: 0 });
  return [
    create('/a', 'root of a quota'),
    create('/zookeeper/quota/a', ''),
    create('/zookeeper/quota/a/zookeeper_limits', 'count=5,bytes=100'),
    create('/zookeeper/quota/a/zookeeper_stats', 'count=1,bytes=15'),
  ];
}

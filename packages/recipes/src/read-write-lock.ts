import type { Client, Data, Op } from '@corral/client';
import { type Contender, contendersOf } from './contender.ts';
import { Lease, type LeaseOptions } from './lease.ts';
import { checkPath, kazooName, type Lock, type MutexOptions } from './mutex.ts';
import { nameOf } from './node-path.ts';
import { protectedName } from './own-node.ts';
import { type Participant, participantsOf } from './participant.ts';
import { takeTurn, tryTurn, type Turn } from './turn.ts';
import { type WaitOptions, within } from './wait.ts';

export interface ReadWriteLock {
  /** Many at once, as long as nobody writes. */
  readonly read: ReadLock;
  /** One, and nobody else. */
  readonly write: Lock;
}

export interface ReadWait extends WaitOptions {
  /**
   * The write lease, still held, of who asks: the reader stands where the writer stands, so that it is let in at once and no
   * other writer comes between when the write lease is released (a downgrade).
   */
  readonly under?: Lease;
}

export interface ReadLock extends Lock {
  acquire(options?: ReadWait): Promise<Lease>;
}

/** Curator's InterProcessReadWriteLock; kazoo's ReadLock and WriteLock with `naming: 'kazoo'`. Fair: first come, first served. */
export function readWriteLock(client: Client, path: string, options: MutexOptions = {}): ReadWriteLock {
  checkPath(client, path);
  return { read: new Side(client, path, 'read', options), write: new Side(client, path, 'write', options) };
}

class Side implements ReadLock {
  readonly path: string;
  readonly #client: Client;
  readonly #options: LeaseOptions;
  readonly #side: 'read' | 'write';
  readonly #data: Data;
  readonly #isKazoo: boolean;

  constructor(client: Client, path: string, side: 'read' | 'write', options: MutexOptions) {
    this.path = path;
    this.#client = client;
    this.#options = options;
    this.#side = side;
    this.#data = options.data ?? '';
    this.#isKazoo = options.naming === 'kazoo';
  }

  acquire(options: ReadWait = {}): Promise<Lease> {
    const turn = this.#turn(options.under);
    return within(
      this.#client,
      this.path,
      options,
      async (op) => new Lease(this.#client, await takeTurn(this.#client, turn, op), this.#options),
    );
  }

  async tryAcquire(op: Op = {}): Promise<Lease | null> {
    const node = await tryTurn(this.#client, this.#turn(undefined), op);
    return node === null ? null : new Lease(this.#client, node, this.#options);
  }

  async run<T>(work: (lease: Lease) => T | Promise<T>, options: WaitOptions = {}): Promise<T> {
    await using lease = await this.acquire(options);
    return await work(lease);
  }

  participants(op: Op = {}): Promise<Participant[]> {
    return participantsOf(this.#client, this.path, KINDS[this.#side], op);
  }

  #turn(under: Lease | undefined): Turn {
    const folder = this.path;
    const kind = KINDS[this.#side][this.#isKazoo ? 1 : 0]!;
    const nameWith = this.#isKazoo ? kazooName : protectedName;
    const base = { data: this.#data, blockerOf: this.#side === 'read' ? writerInFront : anybodyInFront };
    if (under === undefined) return { ...base, name: { folder, nameOf: nameWith(kind) } };
    if (!under.isHeld) throw new RangeError('the lease to read under is not held any more');
    const writer = contendersOf([nameOf(under.path)], KINDS.write)[0];
    if (writer === undefined || under.path !== `${folder}/${writer.name}`)
      throw new RangeError(`the lease to read under is not a write lease of ${folder}`);
    const number = writer.name.slice(writer.name.lastIndexOf(writer.kind) + writer.kind.length);
    return { ...base, name: { folder, nameOf: nameWith(kind + number), isComplete: true } };
  }
}

/** A reader waits for the last writer in front of it: when that is gone, all those before it are gone or are asked again. */
function writerInFront(names: readonly string[], own: string): string | undefined {
  return inFront(names, own, (kind) => KINDS.write.includes(kind));
}

function anybodyInFront(names: readonly string[], own: string): string | undefined {
  return inFront(names, own, () => true);
}

function inFront(
  names: readonly string[],
  own: string,
  counts: (kind: string) => boolean,
): string | undefined {
  const contenders: Contender[] = contendersOf(names, [...KINDS.read, ...KINDS.write]);
  const mine = contenders.find(({ name }) => name === own)!;
  return contenders.findLast(({ sequence, kind }) => sequence < mine.sequence && counts(kind))?.name;
}

/** Curator's kind of node, then kazoo's. */
const KINDS = {
  read: ['__READ__', '__rlock__'],
  write: ['__WRIT__', '__lock__'],
} as const satisfies Record<string, readonly string[]> as Readonly<
  Record<'read' | 'write', readonly string[]>
>;

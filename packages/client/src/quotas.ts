import { parentPath } from '@corral/protocol';
import type { Op } from './abort-signal.ts';
import { acl as lists, toWireAcls } from './acl.ts';
import { fromUtf8 } from './codec.ts';
import { NoNodeError, NodeExistsError } from './errors.ts';
import { GetData } from './read-operations.ts';
import { Create, Delete, SetData } from './write-operations.ts';
import { checkPath, underRoot } from './paths.ts';
import type { Session } from './session.ts';

/** How much may lie under a node. What is missing is without a limit. The hard ones refuse writes, from 3.7 on. */
export interface Quota {
  readonly count?: number;
  readonly bytes?: number;
  readonly countHardLimit?: number;
  readonly bytesHardLimit?: number;
}

export interface QuotaUse {
  readonly quota: Quota;
  readonly used: { readonly count: number; readonly bytes: number };
}

/** Quotas are nodes under `/zookeeper/quota`, outside any chroot (StatsTrack). */
export class Quotas {
  readonly #session: Session;
  readonly #root: string;

  constructor(session: Session, root: string) {
    this.#session = session;
    this.#root = root;
  }

  /** Null where the node has none. */
  async get(path: string, op: Op = {}): Promise<QuotaUse | null> {
    const folder = this.#folder(path);
    try {
      const limits = await this.#read(`${folder}/${LIMITS}`, op);
      const used = await this.#read(`${folder}/${STATS}`, op);
      return {
        quota: quotaOf(limits),
        used: { count: used.get('count') ?? 0, bytes: used.get('bytes') ?? 0 },
      };
    } catch (error) {
      if (error instanceof NoNodeError) return null;
      throw error;
    }
  }

  /** Sets all limits anew. A quota above or below another is not looked for; the first one above counts. */
  async set(path: string, quota: Quota, op: Op = {}): Promise<void> {
    const folder = this.#folder(path);
    const text = textOf(quota);
    const above: string[] = [];
    for (let node = folder; node !== QUOTAS; node = parentPath(node)) above.unshift(node);
    for (const node of above) await this.#create(node, '', op);
    // The server begins to count when the limits appear.
    await this.#create(`${folder}/${STATS}`, 'count=0,bytes=0', op);
    if (!(await this.#create(`${folder}/${LIMITS}`, text, op)))
      await this.#session.run(new SetData(path, `${folder}/${LIMITS}`, text, -1), op.signal);
  }

  /** Takes the quota away; one that is not there is no error. */
  async delete(path: string, op: Op = {}): Promise<void> {
    const folder = this.#folder(path);
    for (const node of [`${folder}/${LIMITS}`, `${folder}/${STATS}`])
      await this.#session.run(new Delete(path, node, -1), op.signal).catch((error: unknown) => {
        if (!(error instanceof NoNodeError)) throw error;
      });
  }

  #folder(path: string): string {
    checkPath(path);
    const serverPath = underRoot(this.#root, path);
    if (serverPath === '/') throw new RangeError('the root has no quota of its own');
    return QUOTAS + serverPath;
  }

  async #read(node: string, op: Op): Promise<Map<string, number>> {
    const { data } = await this.#session.run(new GetData(node, node, (bytes) => bytes), op.signal);
    const pairs = fromUtf8(data, node).split(/[,;]+/);
    return new Map(pairs.map((pair) => pair.split('=')).map(([key = '', value]) => [key, Number(value)]));
  }

  /** Whether it is new. */
  async #create(node: string, text: string, op: Op): Promise<boolean> {
    try {
      await this.#session.run(new Create(node, node, text, OPEN, 0, 0, (made) => made), op.signal);
      return true;
    } catch (error) {
      if (error instanceof NodeExistsError) return false;
      throw error;
    }
  }
}

/** -1 is no limit; hard limits are there from 3.7 on, in this odd place. */
function textOf(quota: Quota): string {
  const soft = `count=${limit(quota.count)},bytes=${limit(quota.bytes)}`;
  if (quota.countHardLimit === undefined && quota.bytesHardLimit === undefined) return soft;
  return `${soft}=;byteHardLimit=${limit(quota.bytesHardLimit)};countHardLimit=${limit(quota.countHardLimit)}`;
}

function limit(value: number | undefined): number {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
    throw new RangeError(`no limit of a quota: ${value}`);
  return value ?? -1;
}

function quotaOf(values: ReadonlyMap<string, number>): Quota {
  const limits = {
    count: values.get('count'),
    bytes: values.get('bytes'),
    countHardLimit: values.get('countHardLimit'),
    bytesHardLimit: values.get('byteHardLimit'),
  };
  return Object.fromEntries(
    Object.entries(limits).filter(([, value]) => value !== undefined && value >= 0),
  ) as Quota;
}

const QUOTAS = '/zookeeper/quota';
const LIMITS = 'zookeeper_limits';
const STATS = 'zookeeper_stats';
const OPEN = toWireAcls(lists.open);

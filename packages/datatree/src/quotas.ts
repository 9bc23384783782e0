import { type NodeId, NEXT, FIRST_CHILD, DESCENDANTS, PARENT } from './node-record.ts';
import { QuotaText } from './quota-text.ts';
import { QuotaTrie } from './quota-trie.ts';
import type { TreeState } from './tree-state.ts';

/** One quota as `mntr` and the metrics show it. */
export interface Quota {
  /** The node whose subtree is counted. */
  readonly path: string;
  readonly limits: QuotaText;
  readonly usage: QuotaText;
}

/**
 * Quotas: the nodes below /zookeeper/quota that set them, and the counts kept there. A quota on `/a/b` is the node
 * /zookeeper/quota/a/b/zookeeper_limits; what is used stands in its sibling zookeeper_stats, changed on every
 * server by itself as nodes come and go, with no transaction and no version.
 */
export class Quotas {
  readonly #state: TreeState;
  readonly #trie: QuotaTrie = new QuotaTrie();

  constructor(state: TreeState) {
    this.#state = state;
  }

  get count(): number {
    return this.#trie.count;
  }

  /** The nearest quota at or above `path`. */
  nearest(path: string): string | undefined {
    return this.#trie.nearest(path);
  }

  created(path: string, bytes: number): void {
    if (path.startsWith(QUOTA_BELOW)) {
      const slash = path.lastIndexOf('/');
      const subject = path.slice(QUOTA.length, slash);
      if (path.endsWith(LIMITS)) this.#trie.add(subject);
      else if (path.endsWith(STATS)) this.#recount(subject);
    }
    this.#add(path, 1, bytes);
  }

  deleted(path: string, bytes: number): void {
    if (path.startsWith(QUOTA_BELOW) && path.endsWith(LIMITS)) {
      this.#trie.delete(path.slice(QUOTA.length, path.lastIndexOf('/')));
    }
    this.#add(path, -1, -bytes);
  }

  dataChanged(path: string, bytesMore: number): void {
    this.#add(path, 0, bytesMore);
  }

  /** Forgets what it knows, finds all quotas in the tree and counts for each anew. */
  rebuild(): void {
    const { store } = this.#state;
    this.#trie.clear();
    const top = this.#find(QUOTA);
    if (top === 0) return;
    const end = store.word(top, PARENT);
    for (let node = top; node !== end; node = this.#following(node, top)) {
      if (store.word(node, FIRST_CHILD) !== 0) continue;
      const path = this.#state.pathOf(node);
      if (!path.startsWith(QUOTA_BELOW) || !path.endsWith(LIMITS)) continue;
      const subject = path.slice(QUOTA.length, -LIMITS.length);
      this.#trie.add(subject);
      this.#recount(subject);
    }
  }

  limits(path: string): QuotaText | undefined {
    return this.#text(QUOTA + path + LIMITS);
  }

  usage(path: string): QuotaText | undefined {
    return this.#text(QUOTA + path + STATS);
  }

  list(): Quota[] {
    const quotas: Quota[] = [];
    for (const path of this.#trie.paths()) {
      const limits = this.limits(path);
      const usage = this.usage(path);
      if (limits !== undefined && usage !== undefined) quotas.push({ path, limits, usage });
    }
    return quotas;
  }

  #add(path: string, count: number, bytes: number): void {
    const subject = this.#trie.nearest(path);
    if (subject === undefined) return;
    const node = this.#find(QUOTA + subject + STATS);
    if (node === 0) return;
    const usage = QuotaText.parse(this.#state.store.data(node));
    if (usage === undefined) this.#recount(subject);
    else this.#write(node, usage.plus(count, bytes));
  }

  /** Counts the subtree, its top included, and writes the figures down. */
  #recount(subject: string): void {
    const node = this.#find(QUOTA + subject + STATS);
    if (node === 0) return;
    const top = this.#find(subject);
    const { store } = this.#state;
    if (top === 0) return this.#write(node, QuotaText.of(0, 0));
    let bytes = 0;
    const end = store.word(top, PARENT);
    for (let at = top; at !== end; at = this.#following(at, top)) bytes += store.dataLength(at);
    this.#write(node, QuotaText.of(store.word(top, DESCENDANTS) + 1, bytes));
  }

  /** The next node of the subtree of `top`, parents first; the parent of `top` behind the last. */
  #following(node: NodeId, top: NodeId): NodeId {
    const { store } = this.#state;
    const child = store.word(node, FIRST_CHILD);
    if (child !== 0) return child;
    for (let at = node; ; at = store.word(at, PARENT)) {
      if (at === top) return store.word(top, PARENT);
      const next = store.word(at, NEXT);
      if (next !== 0) return next;
    }
  }

  #write(node: NodeId, text: QuotaText): void {
    const characters = text.toString();
    const data = new Uint8Array(characters.length);
    for (let i = 0; i < characters.length; i++) data[i] = characters.charCodeAt(i);
    this.#state.setUndigestedData(node, data);
  }

  #text(path: string): QuotaText | undefined {
    const node = this.#find(path);
    return node === 0 ? undefined : QuotaText.parse(this.#state.store.data(node));
  }

  #find(path: string): NodeId {
    const length = this.#state.encodePath(path);
    return this.#state.find(this.#state.pathBytes, 0, length);
  }
}

/** Whether data of this node is counted in, and so must be text that parses. */
export function isQuotaStats(path: string): boolean {
  return path.startsWith(QUOTA_BELOW) && path.endsWith(STATS);
}

/**
 * Limits of no node, which Apache takes for some: below /zookeeper/quota itself it dies of their create, below a
 * shorter parent that begins with /zookeeper of their delete (Quotas.trimQuotaPath), and of every restart then.
 */
export function isQuotaOfNothing(path: string): boolean {
  if (!path.endsWith(LIMITS)) return false;
  const parent = path.slice(0, -LIMITS.length);
  return parent.startsWith('/zookeeper') && parent.length <= QUOTA.length;
}

const QUOTA = '/zookeeper/quota';
const QUOTA_BELOW = '/zookeeper/quota/';
const LIMITS = '/zookeeper_limits';
const STATS = '/zookeeper_stats';

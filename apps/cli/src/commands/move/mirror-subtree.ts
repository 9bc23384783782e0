import { setTimeout } from 'node:timers/promises';
import {
  type Client,
  ConnectionLossError,
  NodeExistsError,
  NoNodeError,
  SessionExpiredError,
  type WatchEvent,
} from '@corral/client';
import type { Call } from '../../command.ts';
import { type CopiedNode, readCopyUnlessGone } from '../../copied-node.ts';
import { copiedSubtree, isServersOwn, pathBelow, relative } from '../../copied-subtree.ts';
import { counted } from '../../counted.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { mapAhead } from '../../map-ahead.ts';
import { nodeKindOf } from '../../node-kind.ts';
import { untilAborted } from '../../until-aborted.ts';
import { compareInWalk, merged } from '../../walk-order.ts';
import { isSameAcl, isSameData } from './same-node.ts';

/** Nodes under way at once: each may hold a megabyte. */
const AHEAD_MAX = 64;
/** Where more nodes have changed than were looked at meanwhile, everything is looked at. */
const CHANGED_MAX = 10_000;
/** Between attempts to reach servers that are away. */
const AGAIN_MS = 1000;

export interface MirrorSides {
  readonly source: Client;
  readonly from: string;
  readonly target: Client;
  readonly to: string;
}

export interface MirrorCounts {
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
  readonly kept: number;
}

type Deed = keyof MirrorCounts;

/**
 * One subtree made like another. An event is never believed by itself: it only names a node to be read, so that what was read
 * last is what was written last.
 */
export class Mirror {
  readonly #call: Call;
  readonly #sides: MirrorSides;
  readonly #deletes: boolean;
  /** Paths of the source that have changed since they were read. At most `CHANGED_MAX`. */
  #changed = new Set<string>();
  /** Something may have been missed. */
  #isAllDue = true;
  #wake: () => void = () => {};

  constructor(call: Call, sides: MirrorSides) {
    this.#call = call;
    this.#sides = sides;
    this.#deletes = call.words.has('--delete');
  }

  /** Until the signal aborts, whose reason it rejects with, or servers refuse something. */
  async keepUp(): Promise<never> {
    const { source, from } = this.#sides;
    const { out, signal } = this.#call;
    const ended = Promise.withResolvers<never>();
    const watch = await source.subscribe(from, (event) => this.#take(event), {
      recursive: true,
      signal,
      onEnd: ended.reject,
    });
    const aborted = Promise.race([ended.promise, untilAborted(signal)]);
    aborted.catch(() => {});
    try {
      this.#isAllDue = false;
      out.note(`${summaryOf(await this.makeAlike())}; keeping up`);
      for (;;) {
        if (!this.#isAllDue && this.#changed.size === 0)
          await Promise.race([aborted, new Promise<void>((resolve) => (this.#wake = resolve))]);
        signal.throwIfAborted();
        await this.#catchUp();
        await out.drained();
      }
    } finally {
      watch.close().catch(() => {});
    }
  }

  /** Looks at everything. @throws NoNodeError where there is nothing to copy */
  async makeAlike(isSourceNeeded = true): Promise<MirrorCounts> {
    const { source, from, target, to } = this.#sides;
    const { out, signal } = this.#call;
    const counts = { created: 0, changed: 0, deleted: 0, kept: 0 };
    const originals = copiedSubtree({ client: source, out, signal }, from);
    const pairs = merged(
      isSourceNeeded ? originals : unlessMissing(originals),
      // What is left out of the copy need not be told of.
      unlessMissing(copiedSubtree({ client: target, out: { note() {} }, signal }, to)),
    );
    let deletedRoot: string | undefined;
    let first: Promise<Deed> | undefined;
    const deeds = mapAhead(pairs, AHEAD_MAX, ([original, copy]) => {
      const path = pathBelow(to, (original ?? copy!).path);
      const doIt = async (): Promise<Deed> => {
        if (original !== undefined) return this.#makeLike(path, original, copy);
        if (!this.#deletes) return 'kept';
        if (isBelow(deletedRoot, path)) return 'deleted';
        if (path !== '/') deletedRoot = path;
        return this.#delete(path);
      };
      // What is above the topmost node may have to be made, too: all others are below it.
      const doing = first === undefined ? doIt() : first.then(doIt);
      first ??= doing;
      return doing;
    });
    let done = 0;
    for await (const deed of deeds) {
      counts[deed]++;
      if (++done % 1000 === 0) out.progress(counted(done, 'node'));
    }
    out.progress('');
    return counts;
  }

  async #catchUp(): Promise<void> {
    const { out } = this.#call;
    const changed = [...this.#changed];
    this.#changed = new Set();
    const isAll = this.#isAllDue;
    this.#isAllDue = false;
    try {
      if (isAll) out.note(summaryOf(await this.makeAlike(false)));
      else await this.#copyThese(changed);
    } catch (error) {
      this.#isAllDue = true;
      // A parent has gone from the copy meanwhile: nobody will tell us of it.
      if (error instanceof NoNodeError) return;
      if (!isPassing(error)) throw error;
      out.note('the connection is away; it goes on when it is back');
      await this.#back();
    }
  }

  /** Parents before their children; what has gone the other way round. */
  async #copyThese(paths: readonly string[]): Promise<void> {
    const { source, from, target, to } = this.#sides;
    const { signal } = this.#call;
    const gone: string[] = [];
    const reads = mapAhead(inOrder(paths), AHEAD_MAX, async (path) => ({
      path: pathBelow(to, relative(path, from)),
      copy: await this.#read(source, path),
    }));
    for await (const { path, copy } of reads) {
      if (copy === undefined) gone.push(path);
      else this.#tell(await this.#copy(path, copy), path);
    }
    if (!this.#deletes) return;
    for (const path of gone.toReversed()) {
      if ((await target.exists(path, { signal })) === null) continue;
      this.#tell(await this.#delete(path), path);
    }
  }

  /** Undefined where it is gone, or nothing to be copied. */
  async #read(client: Client, path: string): Promise<CopiedNode | undefined> {
    const { signal } = this.#call;
    const [stat, copy] = await Promise.all([
      client.exists(path, { signal }),
      readCopyUnlessGone(client, path, signal),
    ]);
    return stat === null || nodeKindOf(stat) === 'ephemeral' ? undefined : copy;
  }

  async #makeLike(path: string, original: CopiedNode, copy: CopiedNode | undefined): Promise<Deed> {
    const { target } = this.#sides;
    const { signal } = this.#call;
    if (copy === undefined) {
      if (isOnlyTold(this.#call, `create ${path}`)) return 'created';
      return this.#copy(path, original);
    }
    const hasData = isSameData(original.data, copy.data);
    const hasAcl = isSameAcl(original.acl, copy.acl);
    if (hasData && hasAcl) return 'kept';
    if (isOnlyTold(this.#call, `change ${path}`)) return 'changed';
    if (!hasData) await target.set(path, original.data, { signal });
    if (!hasAcl) await target.setAcl(path, original.acl, { signal });
    return 'changed';
  }

  /** The ACL of a node that is there is not looked at. */
  async #copy(path: string, { data, acl }: CopiedNode): Promise<Deed> {
    const { target, to } = this.#sides;
    const { signal } = this.#call;
    try {
      await target.create(path, data, { acl, signal, parents: path === to });
      return 'created';
    } catch (error) {
      if (!(error instanceof NodeExistsError)) throw error;
    }
    await target.set(path, data, { signal });
    return 'changed';
  }

  async #delete(path: string): Promise<Deed> {
    // Nobody can delete it, and what is the servers' own is below it.
    if (path === '/') return 'kept';
    const { target } = this.#sides;
    const { signal } = this.#call;
    if (!isOnlyTold(this.#call, `delete ${path}`))
      await target.delete(path, { recursive: true, ifExists: true, signal });
    return 'deleted';
  }

  #tell(deed: Deed, path: string): void {
    const { out } = this.#call;
    out.line(`${deed} ${path}`);
    out.json({ deed, path });
  }

  #take(event: WatchEvent): void {
    if (event.type === 'resync') this.#isAllDue = true;
    else if (isServersOwn(this.#sides.source, event.path)) return;
    else this.#changed.add(event.path);
    if (this.#changed.size > CHANGED_MAX) {
      this.#changed.clear();
      this.#isAllDue = true;
    }
    this.#wake();
  }

  /** Resolves when both sides have servers again. */
  async #back(): Promise<void> {
    const { signal } = this.#call;
    for (const client of [this.#sides.source, this.#sides.target])
      for (;;) {
        try {
          await client.connected({ signal });
          break;
        } catch (error) {
          if (!isPassing(error)) throw error;
          await setTimeout(AGAIN_MS, undefined, { signal });
        }
      }
  }
}

export function summaryOf({ created, changed, deleted, kept }: MirrorCounts): string {
  return `Created ${created}, changed ${changed}, deleted ${deleted}, left ${kept} as they are`;
}

async function* inOrder(paths: readonly string[]): AsyncGenerator<string, undefined> {
  yield* paths.toSorted(compareInWalk);
  return undefined;
}

async function* unlessMissing(nodes: AsyncIterable<CopiedNode>): AsyncGenerator<CopiedNode, undefined> {
  try {
    yield* nodes;
  } catch (error) {
    if (!(error instanceof NoNodeError)) throw error;
  }
  return undefined;
}

/** Another session takes the place of one that has expired. */
function isPassing(error: unknown): boolean {
  return error instanceof ConnectionLossError || error instanceof SessionExpiredError;
}

function isBelow(root: string | undefined, path: string): boolean {
  return root !== undefined && path.startsWith(root === '/' ? '/' : `${root}/`);
}

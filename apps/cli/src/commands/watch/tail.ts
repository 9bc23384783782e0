import { NoNodeError, type Stat, type WatchEvent } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { bytesOrNull, dataJson } from '../../node-data.ts';
import { numberOf } from '../../numbers.ts';
import { zxidText } from '../../zxid-text.ts';

export const tail: Command = {
  names: ['tail'],
  group: 'watch',
  usage: '[-r] [-n count] path',
  summary: 'what a node holds, and then each change of its data and children, with time and zxid',
  flags: [
    { name: '-r', summary: 'and of everything below' },
    { name: '-n', value: 'count', summary: 'ends after so many changes' },
  ],
  operands: [{ name: 'path', kind: 'path' }],
  example: 'tail /app/config',
  async run(call) {
    const { client, words, out, signal } = call;
    const [path] = words.operands as [string];
    const changesMax = numberOf(words, '-n', 0, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY;
    const isRecursive = words.has('-r');
    await using events = client.watch(path, { recursive: isRecursive, signal });
    await events.ready;
    const tailed = new Tailed(call, path);
    await tailed.begin();
    await out.drained();
    let told = 0;
    if (told >= changesMax) return;
    for await (const event of events) {
      if (!(await tailed.tell(event))) continue;
      await out.drained();
      if (++told >= changesMax) return;
    }
  },
};

/** What was told last, so that the next event says what is new. */
class Tailed {
  readonly #call: Call;
  readonly #path: string;
  /** The children of the node itself, sorted. */
  #names: readonly string[] = [];
  /** Of the last change of its data that was told: an event may come for what was read with the one before. */
  #mzxid = -1n;

  constructor(call: Call, path: string) {
    this.#call = call;
    this.#path = path;
  }

  async begin(): Promise<void> {
    if (!(await this.#tellData('is', this.#path, -1n))) return this.#line('missing', this.#path, -1n);
    await this.#readChildren();
  }

  /** @returns whether there was something to tell */
  async tell(event: WatchEvent): Promise<boolean> {
    const { type, path } = event;
    if (type === 'resync') {
      // Some may have been missed: what is there now counts.
      this.#line('resync', path, -1n);
      await this.begin();
      return true;
    }
    const { zxid } = event;
    if (type === 'childrenChanged') return this.#tellChildren(path, zxid);
    if (type !== 'deleted') return this.#tellData(type, path, zxid);
    if (path === this.#path) this.#names = [];
    this.#line(type, path, zxid);
    return true;
  }

  async #tellData(type: string, path: string, zxid: bigint): Promise<boolean> {
    const { client, out, signal } = this.#call;
    const found = await client.tryGet(path, bytesOrNull, { signal });
    // It has gone meanwhile: that is told next.
    if (found === null) return false;
    const { data, stat } = found;
    if (path === this.#path) {
      if (stat.mzxid === this.#mzxid && type !== 'is') return false;
      this.#mzxid = stat.mzxid;
    }
    this.#line(type, path, zxid < 0n ? stat.mzxid : zxid, stat, dataJson(data));
    if (data !== null) {
      out.raw(data);
      out.line('');
    }
    return true;
  }

  async #tellChildren(path: string, zxid: bigint): Promise<boolean> {
    const before = this.#names;
    const stat = await this.#readChildren();
    const added = this.#names.filter((name) => !before.includes(name));
    const removed = before.filter((name) => !this.#names.includes(name));
    if (added.length + removed.length === 0) return false;
    const { out } = this.#call;
    const at = zxid < 0n && stat !== undefined ? stat.pzxid : zxid;
    this.#line('childrenChanged', path, at, undefined, { added, removed });
    for (const name of added) out.line(`+ ${name}`);
    for (const name of removed) out.line(`- ${name}`);
    return true;
  }

  async #readChildren(): Promise<Stat | undefined> {
    const { client, signal } = this.#call;
    try {
      const { names, stat } = await client.children(this.#path, { signal });
      this.#names = names.toSorted();
      return stat;
    } catch (error) {
      if (!(error instanceof NoNodeError)) throw error;
      this.#names = [];
      return undefined;
    }
  }

  /** The time is that of hearing of it. */
  #line(type: string, path: string, zxid: bigint, stat?: Stat, more: object = {}): void {
    const { out } = this.#call;
    const time = new Date().toISOString();
    const version = stat === undefined ? '' : ` version ${stat.version}`;
    out.line(out.paint('cyan', `${time} ${zxidText(zxid)} ${type} ${path}${version}`));
    out.json({
      time,
      zxid: zxidText(zxid),
      type,
      path,
      ...(stat === undefined ? {} : { version: stat.version }),
      ...more,
    });
  }
}

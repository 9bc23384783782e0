import type { Random } from '@corral/runtime';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../test/ensemble.ts';
import { type Client, NoNodeError, NodeExistsError, OutcomeUnknownError, utf8 } from './index.ts';

const seeds = Array.from({ length: 6 }, (_, i) => i + 1);

describe('a copy of a tree that is kept by what a recursive watch tells', () => {
  it.each(seeds)('is right in the end, whichever servers are lost meanwhile (seed %i)', async (seed) => {
    const random = new SimulatedRandom(seed);
    const world = await EnsembleWorld.serving({}, seed);
    const options = { sessionTimeout: 30_000, requestTimeout: 5000 };
    const reader = await world.client(options);
    const writer = await world.client(options);
    await world.run(writer.create('/t', ''));
    const copy = new Copy(reader);
    await world.run(copy.begin());

    for (let round = 0; round < 8; round++) {
      const writing = writeAtRandom(writer, random, 20);
      const host = world.hosts[random.below(3)]!;
      await world.pass(random.below(30));
      if (random.below(2) === 0) world.separate('client-1', host);
      else for (const each of world.hosts) world.network.reset('client-1', each);
      if (random.below(3) === 0) world.separate('client-2', host);
      await world.pass(random.below(4000));
      world.network.heal();
      await world.run(writing);
    }
    await world.run(writer.sync('/t'));
    await world.run(reader.sync('/t'));
    await world.run(copy.settled());

    expect(copy.entries()).toEqual(await world.run(treeOf(writer)));
    expect(copy.resyncs).toBeGreaterThan(1);
    await world.run(Promise.all([reader.close(), writer.close()]));
  });
});

/** Reads again what an event names, and everything where events may have been missed. */
class Copy {
  resyncs = 0;
  readonly #zk: Client;
  readonly #nodes = new Map<string, string>();
  #work: Promise<void> = Promise.resolve();

  constructor(zk: Client) {
    this.#zk = zk;
  }

  async begin(): Promise<void> {
    await this.#zk.subscribe(
      '/t',
      ({ type, path }) => {
        this.#work = this.#work.then(() => (type === 'resync' ? this.#readAll() : this.#read(path)));
      },
      { recursive: true },
    );
    this.#work = this.#work.then(() => this.#readAll());
    await this.#work;
  }

  async settled(): Promise<void> {
    for (let work; work !== this.#work;) await (work = this.#work);
  }

  entries(): [string, string][] {
    return [...this.#nodes].toSorted(byPath);
  }

  async #read(path: string): Promise<void> {
    const seen = await this.#zk.tryGet(path, utf8);
    if (seen === null) this.#nodes.delete(path);
    else this.#nodes.set(path, seen.data);
  }

  async #readAll(): Promise<void> {
    this.resyncs++;
    const tree = await treeOf(this.#zk);
    this.#nodes.clear();
    for (const [path, data] of tree) this.#nodes.set(path, data);
  }
}

async function treeOf(zk: Client): Promise<[string, string][]> {
  const tree: [string, string][] = [];
  for await (const { path } of zk.walk('/t')) {
    const seen = await zk.tryGet(path, utf8);
    if (seen !== null) tree.push([path, seen.data]);
  }
  return tree.toSorted(byPath);
}

async function writeAtRandom(zk: Client, random: Random, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const path = `/t/${random.below(5)}`;
    const data = String(random.below(1_000_000));
    const writes = [
      () => zk.create(path, data),
      () => zk.set(path, data),
      () => zk.delete(path),
      () => zk.create(`${path}/${random.below(3)}`, data),
      () => zk.delete(path, { recursive: true, ifExists: true }),
    ];
    try {
      await writes[random.below(writes.length)]!();
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
  }
}

function isExpected(error: unknown): boolean {
  return (
    error instanceof NoNodeError ||
    error instanceof NodeExistsError ||
    error instanceof OutcomeUnknownError ||
    (error as Error).name === 'NotEmptyError' ||
    (error as Error).name === 'RequestTimeoutError'
  );
}

function byPath([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}

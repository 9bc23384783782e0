import { CommandError, ExitCode } from './exit-code.ts';

/** The order of a walk: a node, then all below it, then its next sibling by name. */
export function compareInWalk(a: string, b: string): number {
  // No name has it, and it is less than every other letter: `/a`, `/a/b`, `/a-b`.
  const [x, y] = [a.replaceAll('/', '\0'), b.replaceAll('/', '\0')];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Of each path what there is on the left and what there is on the right, of which at least one is. */
export async function* merged<A extends HasPath, B extends HasPath>(
  left: AsyncIterable<A>,
  right: AsyncIterable<B>,
): AsyncGenerator<readonly [A | undefined, B | undefined], undefined> {
  await using lefts = new Walk(left);
  await using rights = new Walk(right);
  let [a, b] = await Promise.all([lefts.next(), rights.next()]);
  while (a !== undefined || b !== undefined) {
    const order = a === undefined ? 1 : b === undefined ? -1 : compareInWalk(a.path, b.path);
    yield [order <= 0 ? a : undefined, order >= 0 ? b : undefined];
    [a, b] = await Promise.all([order <= 0 ? lefts.next() : a, order >= 0 ? rights.next() : b]);
  }
  return undefined;
}

interface HasPath {
  readonly path: string;
}

/** Nodes one by one. */
class Walk<T extends HasPath> implements AsyncDisposable {
  readonly #iterator: AsyncIterator<T>;
  #last: string | undefined = undefined;

  constructor(nodes: AsyncIterable<T>) {
    this.#iterator = nodes[Symbol.asyncIterator]();
  }

  async next(): Promise<T | undefined> {
    const { done, value } = await this.#iterator.next();
    if (done === true) return undefined;
    const { path } = value;
    // Of a file that somebody has put together: the comparison would go wrong without a word.
    if (this.#last !== undefined && compareInWalk(this.#last, path) >= 0)
      throw new CommandError(
        ExitCode.usage,
        `${path} stands behind ${this.#last}: the nodes are in no order`,
      );
    this.#last = path;
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#iterator.return?.();
  }
}

/**
 * What `map` makes of each item, in order, with up to so many under way at once. `map` is called in the order of the items:
 * what it sends at once, a server gets in this order.
 */
export async function* mapAhead<A, B>(
  source: AsyncIterable<A> | Iterable<A>,
  aheadMax: number,
  map: (item: A) => Promise<B>,
): AsyncGenerator<B, undefined> {
  const underWay: Promise<B>[] = [];
  for await (const item of source) {
    const result = map(item);
    // Nobody may come to take it, where the loop is left.
    result.catch(() => {});
    underWay.push(result);
    if (underWay.length >= aheadMax) yield await underWay.shift()!;
  }
  for (const result of underWay) yield await result;
  return undefined;
}

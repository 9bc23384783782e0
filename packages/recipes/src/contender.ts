/** A node among those that are served in the order of their numbers. */
export interface Contender {
  readonly name: string;
  /** Which of the kinds asked for its name has before the number. */
  readonly kind: string;
  readonly sequence: number;
}

/**
 * Those of the kinds, first come first. A name is anything, then the kind, then the ten digits that the server appended:
 * what is before the kind (`_c_<uuid>-` of Curator, `<uuid>` of kazoo) has no say in the order.
 */
export function contendersOf(names: readonly string[], kinds: readonly string[]): Contender[] {
  const contenders: Contender[] = [];
  for (const name of names) {
    const contender = contenderOf(name, kinds);
    if (contender !== undefined) contenders.push(contender);
  }
  return contenders.toSorted((a, b) => a.sequence - b.sequence);
}

function contenderOf(name: string, kinds: readonly string[]): Contender | undefined {
  const digits = name.slice(-DIGITS);
  if (!/^\d{10}$/.test(digits)) return undefined;
  const before = name.slice(0, -DIGITS);
  for (const kind of kinds) {
    if (before.endsWith(kind)) return { name, kind, sequence: Number(digits) };
    // A counter that has gone beyond 2^31 goes on below 0.
    if (before.endsWith(`${kind}-`)) return { name, kind, sequence: -Number(digits) };
  }
  return undefined;
}

const DIGITS = 10;

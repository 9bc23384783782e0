export interface DiffLine {
  readonly sign: '-' | '+';
  readonly text: string;
}

/** More comparisons than that are not made: what differs is then one block. */
const COMPARISONS_MAX = 1_000_000;

/** The lines that one text has and the other has not, in their order. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return between(a.slice(start, a.length - end), b.slice(start, b.length - end));
}

function between(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  if (a.length * b.length > COMPARISONS_MAX)
    return [
      ...a.map((text): DiffLine => ({ sign: '-', text })),
      ...b.map((text): DiffLine => ({ sign: '+', text })),
    ];
  const common = commonLengths(a, b);
  const width = b.length + 1;
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      lines.push({ sign: '-', text: a[i++]! });
    else lines.push({ sign: '+', text: b[j++]! });
  }
  return lines;
}

/** How many lines what is left of both has in common, for each place in both. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      common[at] =
        a[i] === b[j] ? common[at + width + 1]! + 1 : Math.max(common[at + width]!, common[at + 1]!);
    }
  return common;
}

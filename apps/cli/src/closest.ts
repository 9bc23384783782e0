/**
 * The word that somebody may have meant: the nearest by insertions, deletions, replacements and swaps of neighbours, where
 * it is near enough; or the one that begins so.
 */
export function closest(word: string, words: readonly string[]): string | undefined {
  // One letter may be any.
  if (/^-?.$/.test(word)) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 0.5;
  for (const other of words) {
    const distance = distanceOf(word.toLowerCase(), other.toLowerCase());
    if (distance >= bestDistance) continue;
    best = other;
    bestDistance = distance;
  }
  return best ?? words.find((other) => other.startsWith(word));
}

/** Optimal string alignment. */
function distanceOf(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let distance = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        distance = Math.min(distance, beforeLast[j - 2]! + 1);
      row.push(distance);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

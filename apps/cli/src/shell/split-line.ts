/**
 * The words of a line, as `zkCli.sh` takes it apart (ZooKeeperMain.ARGS_PATTERN): blanks part them; a word that begins with
 * a quote goes to the next one of its kind, blanks and ends of line included. Quotes inside a word are part of it.
 */
export function splitLine(line: string): readonly string[] {
  return [...line.matchAll(WORD)].map(([, word = '']) =>
    /^(["']).*\1$/s.test(word) && word.length > 1 ? word.slice(1, -1) : word,
  );
}

/** The quote that was opened and not closed: the line goes on in the next one. */
export function openQuoteOf(line: string): '"' | "'" | undefined {
  const rest = line.replaceAll(WORD, '').trimStart();
  const [first] = rest;
  return first === '"' || first === "'" ? first : undefined;
}

const WORD = /\s*("[^"]*"|'[^']*'|[^\s"']\S*)\s*/gy;

/**
 * Rows as lines, each column as wide as its widest cell. A row may have fewer cells: its last one, as long as it is, makes no
 * column wider.
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
): readonly string[] {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) =>
    Math.max(
      ...all.map((row) =>
        column < row.length - 1 || row.length === headings.length ? (row[column]?.length ?? 0) : 0,
      ),
    ),
  );
  return all.map((row) =>
    row
      .map((cell = '', column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

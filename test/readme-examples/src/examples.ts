/** A `ts` block of a document, to be run as it stands. */
export interface Example {
  /** The document, relative to the root. */
  readonly file: string;
  /** Where the block begins, counted from 1. */
  readonly line: number;
  readonly code: string;
  /** What it prints, where the next block of the document is a `text` block. */
  readonly output: string | undefined;
}

interface Block {
  readonly language: string;
  readonly line: number;
  readonly text: string;
}

export function examplesOf(file: string, markdown: string): readonly Example[] {
  const blocks = blocksOf(markdown);
  return blocks.flatMap(({ language, line, text }, index) => {
    if (language !== 'ts') return [];
    const next = blocks[index + 1];
    return [{ file, line, code: text, output: next?.language === 'text' ? next.text : undefined }];
  });
}

function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w*)[^\n]*\n(.*?)^```$/gms)].map((match) => ({
    language: match[1] ?? '',
    line: markdown.slice(0, match.index).split('\n').length,
    text: match[2] ?? '',
  }));
}

import type { Command, Words } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { type NodeKind, nodeKindOf } from '../../node-kind.ts';
import { numberOf } from '../../numbers.ts';
import { pathPattern } from '../../path-pattern.ts';
import { subtree } from '../../subtree.ts';

const KINDS: readonly NodeKind[] = ['persistent', 'ephemeral'];

export const find: Command = {
  names: ['find'],
  group: 'look',
  usage: '[-i] [-L depth] [-t kind] pattern [path]',
  summary: "nodes by name; '*' is anything but '/', '**' anything; with a '/' in it, by whole path",
  flags: [
    { name: '-i', summary: 'the case of letters does not matter' },
    { name: '-L', value: 'depth', summary: 'no deeper than this' },
    { name: '-t', value: 'kind', summary: `only ${KINDS.join(' or ')} ones` },
  ],
  operands: [
    { name: 'pattern', kind: 'word' },
    { name: 'path', kind: 'path', isOptional: true },
  ],
  async run({ client, words, out, signal }) {
    const [pattern, root = '/'] = words.operands as [string, string | undefined];
    const depthMax = numberOf(words, '-L', 0, Number.MAX_SAFE_INTEGER);
    const kind = kindOf(words);
    const isMeant = pathPattern(pattern, words.has('-i'));
    let visited = 0;
    for await (const { path, stat, isClosed } of subtree(client, root, {
      signal,
      ...(depthMax !== undefined && { depthMax }),
    })) {
      if (isClosed) out.note(`${path} may not be read: what is below it is not searched`);
      if (isMeant(path) && (kind === undefined || (stat !== undefined && kind === nodeKindOf(stat)))) {
        out.line(path);
        out.json(path);
      }
      if (++visited % 1000 !== 0) continue;
      await out.drained();
      out.progress(`${visited} nodes`);
    }
    out.progress('');
  },
};

function kindOf(words: Words): NodeKind | undefined {
  const text = words.value('-t');
  const kind = KINDS.find((one) => one === text);
  if (text !== undefined && kind === undefined)
    throw new CommandError(ExitCode.usage, `no kind of node: ${text} (there are ${KINDS.join(', ')})`);
  return kind;
}

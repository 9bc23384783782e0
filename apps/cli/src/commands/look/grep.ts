import { type Client, NoAuthError, NoNodeError } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { mapAhead } from '../../map-ahead.ts';
import { subtree } from '../../subtree.ts';

/** Nodes under way at once: each may hold a megabyte. */
const AHEAD_MAX = 64;

export const grep: Command = {
  names: ['grep'],
  group: 'look',
  usage: '[-i] [-l] text [path]',
  summary: 'lines of data in which a text stands, with their nodes',
  flags: [
    { name: '-i', summary: 'the case of letters does not matter' },
    { name: '-l', summary: 'only the nodes' },
  ],
  operands: [
    { name: 'text', kind: 'word' },
    { name: 'path', kind: 'path', isOptional: true },
  ],
  async run(call) {
    const { client, words, out, signal } = call;
    const [text, root = '/'] = words.operands as [string, string | undefined];
    const folded = words.has('-i') ? fold : same;
    const wanted = folded(text);
    const reads = mapAhead(pathsOf(call, root), AHEAD_MAX, (path) => read(client, path, signal));
    let searched = 0;
    for await (const { path, data } of reads) {
      const lines = data.split(/\r?\n/).filter((line) => folded(line).includes(wanted));
      if (lines.length > 0 && words.has('-l')) out.line(path);
      else for (const line of lines) out.line(`${path}: ${line}`);
      if (lines.length > 0) out.json({ path, lines });
      if (++searched % 1000 !== 0) continue;
      await out.drained();
      out.progress(`${searched} nodes`);
    }
    out.progress('');
  },
};

async function* pathsOf({ client, out, signal }: Call, root: string): AsyncGenerator<string, undefined> {
  for await (const { path, isClosed, stat } of subtree(client, root, { signal })) {
    if (isClosed) out.note(`${path} may not be read: neither it nor what is below it is searched`);
    else if (stat !== undefined && stat.dataLength > 0) yield path;
  }
  return undefined;
}

/** Nothing where the node has gone. */
async function read(
  client: Client,
  path: string,
  signal: AbortSignal,
): Promise<{ path: string; data: string }> {
  try {
    const { data } = await client.get(path, { signal });
    return { path, data: new TextDecoder().decode(data) };
  } catch (error) {
    if (error instanceof NoNodeError || error instanceof NoAuthError) return { path, data: '' };
    throw error;
  }
}

function fold(text: string): string {
  return text.toLowerCase();
}

function same(text: string): string {
  return text;
}

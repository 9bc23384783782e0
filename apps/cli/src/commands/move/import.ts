import { type Client, NodeExistsError } from '@corral/client';
import { ErrorCode } from '@corral/protocol';
import type { Call, Command, Words } from '../../command.ts';
import type { CopiedNode } from '../../copied-node.ts';
import { counted } from '../../counted.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { mapAhead } from '../../map-ahead.ts';

/** Nodes under way at once: each may hold a megabyte. */
const AHEAD_MAX = 64;

type Existing = 'fail' | 'keep' | 'overwrite';

export const importNodes: Command = {
  names: ['import'],
  group: 'move',
  usage: '[--existing fail|keep|overwrite] file [path]',
  summary: 'the nodes of an export; a damaged one is refused before anything is changed',
  example: 'import app.jsonl /app-restored',
  flags: [
    {
      name: '--existing',
      value: 'fail|keep|overwrite',
      summary:
        "nodes that exist: nothing is changed (default), they stay as they are ('keep' goes on with an import that was cut off), or they get data and ACL",
    },
  ],
  operands: [
    { name: 'file', kind: 'file' },
    { name: 'path', kind: 'path', isOptional: true },
  ],
  async run(call) {
    const { words, out, settings, signal } = call;
    const { readExport } = await import('../../export-file.ts');
    const [file, path] = words.operands as [string, string | undefined];
    const existing = existingOf(words);
    const { root, nodes } = await readExport(file);
    const target = path ?? root;
    await checkAll(call, nodes, target, existing);
    const writing = mapAhead((await readExport(file)).nodes, AHEAD_MAX, (node) =>
      write(call, { ...node, path: below(target, node.path) }, existing),
    );
    const counts = { created: 0, overwritten: 0, kept: 0 };
    let done = 0;
    for await (const deed of writing) {
      counts[deed]++;
      if (++done % 1000 === 0) out.progress(counted(done, 'node'));
    }
    out.progress('');
    out.json({ path: target, ...counts });
    if (settings.isDryRun) return;
    signal.throwIfAborted();
    const { created, overwritten, kept } = counts;
    out.note(`Created ${counted(created, 'node')}, overwrote ${overwritten}, kept ${kept}`);
  },
};

function existingOf(words: Words): Existing {
  const text = words.value('--existing') ?? 'fail';
  if (text === 'fail' || text === 'keep' || text === 'overwrite') return text;
  throw new CommandError(ExitCode.usage, `--existing wants fail, keep or overwrite, not ${text}`);
}

/** Reads the file to its end, which tells whether it is whole, and looks for what stands in the way. */
async function checkAll(
  { client, signal }: Call,
  nodes: AsyncIterable<CopiedNode>,
  target: string,
  existing: Existing,
): Promise<void> {
  const looks = mapAhead(nodes, AHEAD_MAX, async (node): Promise<string | undefined> => {
    if (existing !== 'fail') return undefined;
    const path = below(target, node.path);
    // The root is always there.
    const isThere = path !== '/' && (await client.exists(path, { signal })) !== null;
    return isThere ? path : undefined;
  });
  let found: string | undefined;
  for await (const path of looks) found ??= path;
  if (found !== undefined) throw new NodeExistsError(ErrorCode.NODEEXISTS, 'create', found);
}

type Deed = 'created' | 'overwritten' | 'kept';

async function write(call: Call, node: CopiedNode, existing: Existing): Promise<Deed> {
  const { client, out, settings, signal } = call;
  const { path, data, acl } = node;
  if (settings.isDryRun) {
    const deed = await deedOf(client, path, existing, signal);
    if (deed !== 'kept') out.line(`would ${deed === 'created' ? 'create' : 'overwrite'} ${path}`);
    return deed;
  }
  if (path === '/' && existing !== 'overwrite') return 'kept';
  try {
    await client.create(path, data, { acl, signal });
    return 'created';
  } catch (error) {
    if (existing === 'fail' || !(error instanceof NodeExistsError)) throw error;
  }
  if (existing === 'keep') return 'kept';
  await client.set(path, data, { signal });
  await client.setAcl(path, acl, { signal });
  return 'overwritten';
}

async function deedOf(client: Client, path: string, existing: Existing, signal: AbortSignal): Promise<Deed> {
  if ((await client.exists(path, { signal })) === null) return 'created';
  return existing === 'overwrite' ? 'overwritten' : 'kept';
}

function below(target: string, path: string): string {
  if (path === '/') return target;
  return target === '/' ? path : target + path;
}

import type { Client } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import type { CopiedNode } from '../../copied-node.ts';
import { copiedSubtree, type ReadNode } from '../../copied-subtree.ts';
import { ExitCode } from '../../exit-code.ts';
import { lineDiff } from '../../line-diff.ts';
import { bytesOrNull, dataJson } from '../../node-data.ts';
import { otherSide, toFlag } from '../../other-side.ts';
import { merged } from '../../walk-order.ts';
import { isSameAcl, isSameData } from './same-node.ts';

export const diff: Command = {
  names: ['diff'],
  group: 'move',
  usage: '[--data] [--acl] [--to host:port/path] a [b]',
  summary:
    'the nodes below b that those below a have not (+), the other way round (-), and those with other data (~); a file of export may stand for either (file:PATH, or anything without a slash in front). Exit code 1 where they differ; ephemeral nodes are left out',
  example: 'diff --data /app app.jsonl',
  flags: [
    { name: '--data', summary: 'shows the data, line by line where it is text' },
    { name: '--acl', summary: 'compares ACLs, too' },
    toFlag,
  ],
  operands: [
    { name: 'a', kind: 'path' },
    { name: 'b', kind: 'path', isOptional: true },
  ],
  async run(call) {
    const { words, out } = call;
    const [a, b] = words.operands as [string, string?];
    const counts = { added: 0, removed: 0, changed: 0 };
    await using right = b === undefined || !isFile(b) ? await otherSide(call, b, a) : undefined;
    const pairs = merged(
      await nodesOf(call, call.client, a),
      right === undefined
        ? await nodesOf(call, call.client, b!)
        : await nodesOf(call, right.client, right.path),
    );
    for await (const [before, after] of pairs) {
      const what = differenceOf(before, after, words.has('--acl'));
      if (what === undefined) continue;
      counts[what.change]++;
      tell(call, what, before, after);
      await out.drained();
    }
    out.note(`${counts.added} added, ${counts.removed} removed, ${counts.changed} changed`);
    return counts.added + counts.removed + counts.changed === 0 ? ExitCode.done : ExitCode.differs;
  },
};

function isFile(word: string): boolean {
  return !word.startsWith('/');
}

async function nodesOf(call: Call, client: Client, word: string): Promise<AsyncIterable<CopiedNode>> {
  if (!isFile(word)) {
    const { out, signal, words } = call;
    return copiedSubtree({ client, out, signal }, word, words.has('--acl') ? readAll : readData);
  }
  const { readExport } = await import('../../export-file.ts');
  return (await readExport(word.replace(/^file:/, ''))).nodes;
}

/** What a file does not tell, and what a server hides of ACLs, is compared as it is shown. */
const readAll: ReadNode = async (client, path, signal) => {
  const [copy, got] = await Promise.all([
    readData(client, path, signal),
    client.getAcl(path, { signal }).catch(() => undefined),
  ]);
  return copy === undefined ? undefined : { ...copy, acl: got?.acl ?? [] };
};

const readData: ReadNode = async (client, path, signal) => {
  const got = await client.tryGet(path, bytesOrNull, { signal });
  return got === null ? undefined : { path, data: got.data, acl: [] };
};

interface Difference {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Of a node that both have. */
  readonly of: readonly ('data' | 'acl')[];
}

function differenceOf(
  before: CopiedNode | undefined,
  after: CopiedNode | undefined,
  withAcl: boolean,
): Difference | undefined {
  if (before === undefined) return { path: after!.path, change: 'added', of: [] };
  if (after === undefined) return { path: before.path, change: 'removed', of: [] };
  const of: ('data' | 'acl')[] = [];
  if (!isSameData(before.data, after.data)) of.push('data');
  if (withAcl && !isSameAcl(before.acl, after.acl)) of.push('acl');
  return of.length === 0 ? undefined : { path: before.path, change: 'changed', of };
}

function tell(
  { out, words }: Call,
  { path, change, of }: Difference,
  before: CopiedNode | undefined,
  after: CopiedNode | undefined,
): void {
  const showsData = words.has('--data');
  const { sign, colour } = SIGNS[change];
  const what = of.length === 0 || (of.length === 1 && of[0] === 'data') ? '' : ` (${of.join(', ')})`;
  out.line(out.paint(colour, `${sign} ${path}${what}`));
  if (showsData && (change !== 'changed' || of.includes('data')))
    for (const line of dataLines(before, after)) out.line(`    ${line}`);
  out.json({
    path,
    change,
    ...(of.length === 0 ? {} : { of }),
    ...(showsData ? { before: jsonOf(before), after: jsonOf(after) } : {}),
  });
}

function dataLines(before: CopiedNode | undefined, after: CopiedNode | undefined): readonly string[] {
  const [a, b] = [textOf(before), textOf(after)];
  if (a !== undefined && b !== undefined)
    return lineDiff(a, b).flatMap(({ sign, text }) =>
      text === '' && (a === '' || b === '') ? [] : [`${sign} ${text}`],
    );
  return [
    ...(before === undefined ? [] : [`- ${before.data?.length ?? 0} bytes`]),
    ...(after === undefined ? [] : [`+ ${after.data?.length ?? 0} bytes`]),
  ];
}

/** '' for a node that is not there; undefined where the data are no text. */
function textOf(node: CopiedNode | undefined): string | undefined {
  const { data, encoding } = dataJson(node?.data ?? null);
  return encoding === 'utf8' ? (data ?? '') : undefined;
}

function jsonOf(node: CopiedNode | undefined): ReturnType<typeof dataJson> | null {
  return node === undefined ? null : dataJson(node.data);
}

const SIGNS = {
  added: { sign: '+', colour: 'green' },
  removed: { sign: '-', colour: 'red' },
  changed: { sign: '~', colour: 'yellow' },
} as const;

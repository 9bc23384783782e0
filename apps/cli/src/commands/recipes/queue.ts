import { bytes, utf8 } from '@corral/client';
import type { PutOptions, Queue, QueueItem, QueueOptions } from '@corral/recipes';
import type { Call, Command } from '../../command.ts';
import { counted } from '../../counted.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { dataJson } from '../../node-data.ts';
import { durationOf, numberOf } from '../../numbers.ts';
import { runProgram } from '../../run-program.ts';
import { type Recipes, timeoutFlag, waitOf, withRecipes } from './with-recipes.ts';

export const queue: Command = {
  names: ['queue'],
  group: 'recipes',
  usage: '[--kind kind] [--locks path] path put data ... | take [-n count] [-- program ...] | size',
  summary: 'puts items in, and takes them out one by one; a program reads each on its standard input',
  example: 'queue /jobs take -n 0 -- ./job.sh',
  flags: [
    {
      name: '--kind',
      value: 'kind',
      summary: "plain (default), priority, delay, simple: Curator's; kazoo: kazoo's Queue",
    },
    {
      name: '--locks',
      value: 'path',
      summary: 'a safe queue: an item stays, locked below this path, until its program has ended with 0',
    },
    { name: '--priority', value: 'number', summary: 'of what is put; the lower, the sooner' },
    { name: '--delay', value: 'time', summary: 'before which nobody gets what is put' },
    { name: '-n', value: 'count', summary: 'takes so many (default 1); 0 goes on until Ctrl-C' },
    timeoutFlag,
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'put|take|size', kind: 'word' },
    { name: 'data', kind: 'data', isOptional: true, isRest: true },
  ],
  async run(call) {
    const { words, out, signal } = call;
    const [path, what, ...rest] = words.operands as [string, string, ...string[]];
    if (!WHAT.has(what)) throw new CommandError(ExitCode.usage, `queue knows no ${what}: put, take, size`);
    const lockPath = words.value('--locks');
    return withRecipes(async (recipes) => {
      const open = openerOf(recipes, words.value('--kind') ?? 'plain');
      const items = open(call.client, path, bytes, lockPath === undefined ? {} : { lockPath });
      if (what === 'put') return put(call, items, rest);
      if (what === 'take') return take(call, items, rest);
      const size = await items.size({ signal });
      out.line(String(size));
      out.json({ path, size });
      return undefined;
    });
  },
};

type Opener = (
  client: Call['client'],
  path: string,
  codec: typeof bytes,
  options: QueueOptions,
) => Queue<Uint8Array>;

function openerOf(recipes: Recipes, kind: string): Opener {
  switch (kind) {
    case 'plain':
      return recipes.queue;
    case 'priority':
      return recipes.priorityQueue;
    case 'delay':
      return recipes.delayQueue;
    case 'simple':
      return recipes.simpleQueue;
    case 'kazoo':
      return recipes.kazooQueue;
    default:
      throw new CommandError(ExitCode.usage, `no kind of queue: ${kind}`);
  }
}

/** An item for each word. */
async function put(call: Call, items: Queue<Uint8Array>, data: readonly string[]): Promise<void> {
  const { words, out } = call;
  if (data.length === 0) throw new CommandError(ExitCode.usage, 'put wants data');
  const priority = numberOf(words, '--priority', -0x8000_0000, 0x7fff_ffff);
  const delayMs = durationOf(words, '--delay');
  const options: PutOptions = {
    ...(priority === undefined ? {} : { priority }),
    ...(delayMs === undefined ? {} : { delayMs }),
  };
  for (const text of data) {
    if (isOnlyTold(call, `put an item into ${items.path}`)) continue;
    const path = await items.put(utf8.encode(text), { ...options, ...waitOf(call) });
    out.json({ path });
    out.note(`Created ${path}`);
  }
}

/** @returns the exit code of the last program */
async function take(
  call: Call,
  items: Queue<Uint8Array>,
  program: readonly string[],
): Promise<number | void> {
  const count = (numberOf(call.words, '-n', 0, Number.MAX_SAFE_INTEGER) ?? 1) || Number.POSITIVE_INFINITY;
  if (
    isOnlyTold(call, `take ${Number.isFinite(count) ? counted(count, 'item') : 'all items'} of ${items.path}`)
  )
    return;
  let code: number = ExitCode.done;
  for (let taken = 0; taken < count; taken++) {
    await using item = await next(call, items);
    code = program.length === 0 ? await show(call, item) : await feed(call, item, program);
    // What its program could not do, others are to try: not this one, again and again.
    if (code !== ExitCode.done) return code;
    await item.done();
  }
  return code;
}

async function next(call: Call, items: Queue<Uint8Array>): Promise<QueueItem<Uint8Array>> {
  const wait = waitOf(call);
  if (wait.timeoutMs !== 0) return items.take(wait);
  const item = await items.tryTake(wait);
  if (item === null) throw new CommandError(ExitCode.timeout, `${items.path} has no item`);
  return item;
}

async function show({ out }: Call, { path, values }: QueueItem<Uint8Array>): Promise<number> {
  for (const value of values) {
    out.raw(value);
    out.line('');
    out.json({ path, ...dataJson(value) });
  }
  await out.drained();
  return ExitCode.done;
}

/** Items of Curator may hold several values: each is read by a program of its own. */
async function feed(
  call: Call,
  { path, values, lost }: QueueItem<Uint8Array>,
  program: readonly string[],
): Promise<number> {
  for (const input of values) {
    const code = await runProgram(call, program, { input, lost, environment: { CORRAL_ITEM: path } });
    lost.throwIfAborted();
    if (code !== ExitCode.done) return code;
  }
  return ExitCode.done;
}

const WHAT: ReadonlySet<string> = new Set(['put', 'take', 'size']);

import type { Codec } from '@corral/client';
import type { AtomicLong } from '@corral/recipes';
import type { Call, Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { type Recipes, timeoutFlag, waitOf, withRecipes } from './with-recipes.ts';

export const counter: Command = {
  names: ['counter'],
  group: 'recipes',
  usage: '[--format long|int|decimal] path [+N|-N|=N]',
  summary: 'a number that many count with: what it is, more, less, or another',
  example: 'counter /hits +1',
  flags: [
    {
      name: '--format',
      value: 'long|int|decimal',
      summary:
        "eight bytes (default, Curator's DistributedAtomicLong), four (its -Integer), or digits (kazoo's Counter)",
    },
    timeoutFlag,
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: '+N|-N|=N', kind: 'word', isOptional: true },
  ],
  async run(call) {
    const { words, out } = call;
    const [path, change] = words.operands as [string, string | undefined];
    const format = formatOf(words.value('--format') ?? 'long');
    const match = change === undefined ? undefined : /^([+=-])(\d{1,100})$/.exec(change);
    if (match === null) throw new CommandError(ExitCode.usage, `counter wants +N, -N or =N, not ${change}`);
    if (match !== undefined && isOnlyTold(call, `count ${change} at ${path}`)) return;
    await withRecipes(async (recipes) => {
      const value =
        match === undefined
          ? await valueOf(call, path, codecOf(recipes, format))
          : await counted(call, recipes.atomicLong(call.client, path, { format }), match);
      out.line(String(value));
      out.json({ path, value });
    });
  },
};

type Format = 'long' | 'int' | 'decimal';

function formatOf(text: string): Format {
  if (text === 'long' || text === 'int' || text === 'decimal') return text;
  throw new CommandError(ExitCode.usage, `--format wants long, int or decimal, not ${text}`);
}

function codecOf({ int32, int64, decimal }: Recipes, format: Format): Codec<number> | Codec<bigint> {
  if (format === 'int') return int32;
  return format === 'long' ? int64 : decimal;
}

/** A counter that is not there is not made by asking. */
async function valueOf(
  { client, signal }: Call,
  path: string,
  codec: Codec<number> | Codec<bigint>,
): Promise<bigint> {
  const { data } = await client.get<number | bigint>(path, codec as Codec<number | bigint>, { signal });
  return BigInt(data);
}

async function counted(call: Call, long: AtomicLong, [, sign, digits]: RegExpExecArray): Promise<bigint> {
  const number = BigInt(digits!);
  if (sign !== '=') return (await long.add(sign === '-' ? -number : number, waitOf(call))).after;
  await long.set(number, { signal: call.signal });
  return number;
}

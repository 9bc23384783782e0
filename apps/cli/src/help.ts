import type { Command, CommandGroup, Flag } from './command.ts';
import { options } from './command-line.ts';
import { commands } from './commands/index.ts';
import { usageOf } from './parse-words.ts';
import { commandNamed } from './run-command.ts';

/** Of one command, or of all. @throws CommandError where it is none */
export async function helpText(name?: string): Promise<string> {
  if (name !== undefined) return helpOf(await commandNamed(name));
  const all = await Promise.all(commands.map((entry) => entry.load()));
  const groups = [...new Set(all.map(({ group }) => group))];
  const parts = groups.map((group) => {
    const rows = all
      .filter((command) => command.group === group)
      .map((command): Row => [command.names.join(', '), command.summary]);
    return `${TITLES[group]}:\n${table(rows)}`;
  });
  return `${HEAD}\n${parts.join('\n')}\noptions:\n${table(options.map(({ names, value, summary }) => [`${names.join(', ')}${value === undefined ? '' : ` ${value}`}`, summary]))}`;
}

function helpOf(command: Command): string {
  const others = command.names.length > 1 ? `also ${command.names.slice(1).join(', ')}\n` : '';
  const flags = command.flags.length > 0 ? `\n${table(command.flags.map(rowOf))}` : '';
  const example = command.example === undefined ? '' : `\n  corral ${command.example}\n`;
  return `${usageOf(command)}\n  ${command.summary}\n${others}${flags}${example}`;
}

function rowOf({ name, value, summary }: Flag): Row {
  return [value === undefined ? name : `${name} ${value}`, summary];
}

type Row = readonly [left: string, right: string];

function table(rows: readonly Row[]): string {
  const width = Math.min(28, Math.max(...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) =>
      left.length > width
        ? `  ${left}\n  ${' '.repeat(width)}  ${right}\n`
        : `  ${left.padEnd(width)}  ${right}`.trimEnd() + '\n',
    )
    .join('');
}

const HEAD = `corral [options]                  a shell
corral [options] command [words]  one command; 'corral help command' tells its words
`;

const TITLES: Readonly<Record<CommandGroup, string>> = {
  zookeeper: 'as zkCli.sh has them',
  look: 'look',
  change: 'change',
  watch: 'watch',
  move: 'move',
  recipes: 'recipes',
  server: 'servers',
  health: 'health',
  comfort: 'comfort',
  shell: 'of the shell',
};

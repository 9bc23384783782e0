import type { Command, ShownWatchKind } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';

export const addWatch: Command = {
  names: ['addWatch'],
  group: 'zookeeper',
  usage:
    '[-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE] - default is PERSISTENT_RECURSIVE',
  summary: 'a watch that stays',
  flags: [{ name: '-m', value: 'mode', summary: 'PERSISTENT or PERSISTENT_RECURSIVE' }],
  operands: [{ name: 'path', kind: 'path' }],
  async run({ connection, words }) {
    const [path] = words.operands as [string];
    await connection.watches.add(kindOf(words.value('-m') ?? 'PERSISTENT_RECURSIVE'), path);
  },
};

export const removewatches: Command = {
  names: ['removewatches'],
  group: 'zookeeper',
  usage: 'path [-c|-d|-a] [-l]',
  summary: 'takes watches of a node away',
  flags: [
    { name: '-c', summary: 'of its children (ls -w)' },
    { name: '-d', summary: 'of its data (get -w, stat -w)' },
    { name: '-p', summary: 'persistent ones' },
    { name: '-r', summary: 'persistent recursive ones' },
    { name: '-a', summary: 'any; this is the default' },
    { name: '-l', summary: 'here, where there is no server to tell' },
  ],
  operands: [{ name: 'path', kind: 'path' }],
  async run({ connection, words }) {
    const [path] = words.operands as [string];
    const flag = Object.keys(KINDS).find((name) => words.has(name)) ?? '-a';
    await connection.watches.remove(path, KINDS[flag]!);
  },
};

function kindOf(mode: string): 'persistent' | 'persistentRecursive' {
  const kind = MODES[mode.toUpperCase()];
  if (kind !== undefined) return kind;
  throw new CommandError(ExitCode.usage, `no mode: ${mode} (there are ${Object.keys(MODES).join(', ')})`);
}

const MODES: Readonly<Record<string, 'persistent' | 'persistentRecursive'>> = {
  PERSISTENT: 'persistent',
  PERSISTENT_RECURSIVE: 'persistentRecursive',
};

const KINDS: Readonly<Record<string, ShownWatchKind | 'any'>> = {
  '-c': 'children',
  '-d': 'data',
  '-p': 'persistent',
  '-r': 'persistentRecursive',
  '-a': 'any',
};

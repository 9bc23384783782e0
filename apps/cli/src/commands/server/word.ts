import { parseConnectString } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { askForWord } from '../../four-letter-word.ts';

/** How long the server has to answer: `wchp` of a large one takes a while. */
const TIMEOUT_MS = 10_000;

export const fourLetterWord: Command = {
  names: ['4lw'],
  group: 'server',
  usage: 'word',
  summary: 'what the first server of the connect string says to a four-letter word',
  flags: [],
  operands: [{ name: 'word', kind: 'word' }],
  needsSession: false,
  async run(call) {
    const [word] = call.words.operands as [string];
    if (!/^[a-z]{4}$/.test(word)) throw new CommandError(ExitCode.usage, `no four-letter word: ${word}`);
    const text = await answerTo(call, word);
    call.out.line(text);
    call.out.json({ word, text });
  },
};

export const mntr: Command = {
  names: ['mntr'],
  group: 'server',
  usage: '',
  summary: 'the figures of the first server of the connect string',
  flags: [],
  operands: [],
  needsSession: false,
  async run(call) {
    const { out } = call;
    const lines = (await answerTo(call, 'mntr')).split('\n');
    const figures = lines.filter((line) => line.includes('\t')).map((line) => line.split('\t'));
    if (figures.length === 0) throw new CommandError(ExitCode.refused, lines.join('\n'));
    const width = Math.max(...figures.map(([name]) => name!.length));
    for (const [name, value] of figures) out.line(`${name!.padEnd(width)}  ${value}`);
    out.json(Object.fromEntries(figures));
  },
};

async function answerTo({ connection, signal }: Call, word: string): Promise<string> {
  const [server] = parseConnectString(connection.hosts).servers;
  if (server === undefined) throw new CommandError(ExitCode.usage, `${connection.hosts} names no server`);
  try {
    return (await askForWord(server, word, TIMEOUT_MS, signal)).trimEnd();
  } catch (error) {
    signal.throwIfAborted();
    throw new CommandError(ExitCode.connection, (error as Error).message, { cause: error });
  }
}

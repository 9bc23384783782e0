import type { Call, Command, ShellControl } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { wholeNumber } from '../../numbers.ts';

/** As many as Apache's shows, and the one that runs. */
const LINES_SHOWN = 10;

export const history: Command = {
  names: ['history'],
  group: 'shell',
  usage: '',
  summary: 'the last lines, by their numbers',
  flags: [],
  operands: [],
  needsSession: false,
  async run(call) {
    const { lines } = shellOf(call);
    const last = lines.length - 1;
    for (let index = Math.max(0, last - LINES_SHOWN); index <= last; index++)
      call.out.line(`${index} - ${lines[index]}`);
  },
};

export const redo: Command = {
  names: ['redo'],
  group: 'shell',
  usage: 'cmdno',
  summary: 'runs a line of the history again',
  flags: [],
  operands: [{ name: 'cmdno', kind: 'word' }],
  needsSession: false,
  async run(call) {
    const shell = shellOf(call);
    const index = wholeNumber('redo', call.words.operands[0]!, -0x8000_0000, 0x7fff_ffff);
    // The last line is this one.
    const line = index < shell.lines.length - 1 ? shell.lines[index] : undefined;
    if (line === undefined) throw new CommandError(ExitCode.usage, 'Command index out of range');
    if (/^\s*redo\b/.test(line)) throw new CommandError(ExitCode.usage, 'No redoing redos');
    await shell.redo(index);
  },
};

export const quit: Command = {
  names: ['quit', 'exit'],
  group: 'shell',
  usage: '',
  summary: 'ends the session and the shell',
  flags: [],
  operands: [],
  needsSession: false,
  async run(call) {
    shellOf(call).leave();
  },
};

export const help: Command = {
  names: ['help'],
  group: 'shell',
  usage: '[command]',
  summary: 'all commands, or the words of one',
  flags: [],
  operands: [{ name: 'command', kind: 'command', isOptional: true }],
  needsSession: false,
  async run({ words, out }) {
    const { helpText } = await import('../../help.ts');
    out.line((await helpText(words.operands[0])).trimEnd());
  },
};

function shellOf({ shell }: Call): ShellControl {
  if (shell === undefined) throw new CommandError(ExitCode.usage, 'only in the shell');
  return shell;
}

import type { Command } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';

export const connect: Command = {
  names: ['connect'],
  group: 'shell',
  usage: 'host:port',
  summary: 'another session, with these servers or the same',
  flags: [],
  operands: [{ name: 'host:port', kind: 'host', isOptional: true }],
  needsSession: false,
  async run({ connection, words }) {
    await connection.connect(words.operands[0] ?? connection.hosts);
  },
};

export const close: Command = {
  names: ['close'],
  group: 'shell',
  usage: '',
  summary: 'ends the session; the shell stays',
  flags: [],
  operands: [],
  async run({ connection }) {
    await connection.close();
  },
};

export const printwatches: Command = {
  names: ['printwatches'],
  group: 'shell',
  usage: 'on|off',
  summary: 'whether events of watches are shown',
  flags: [],
  operands: [{ name: 'on|off', kind: 'word', isOptional: true }],
  needsSession: false,
  async run({ connection, words, out }) {
    const [wanted] = words.operands;
    if (wanted === undefined) out.line(`printwatches is ${connection.printsWatches ? 'on' : 'off'}`);
    else if (wanted === 'on' || wanted === 'off') connection.printsWatches = wanted === 'on';
    else throw new CommandError(ExitCode.usage, `printwatches is on or off, not ${wanted}`);
  },
};

import type { Command } from '../../command.ts';

export const explain: Command = {
  names: ['explain'],
  group: 'comfort',
  usage: '[error]',
  summary: 'what an error of ZooKeeper means, and what to do: its number, its name, or a line of a log',
  example: 'explain ConnectionLoss',
  flags: [],
  operands: [{ name: 'error', kind: 'word', isOptional: true, isRest: true }],
  needsSession: false,
  isLocal: true,
  async run({ words, out }) {
    const { allExplanations, explanationOf } = await import('../../error-explanations.ts');
    const { operands } = words;
    if (operands.length === 0) {
      for (const { name, code, means } of allExplanations())
        out.line(`${String(code).padStart(4)} ${name}: ${means}`);
      for (const explanation of allExplanations()) out.json(explanation);
      return;
    }
    const explanation = explanationOf(operands.join(' '));
    const { name, code, means, todo } = explanation;
    out.line(`${name} (${code})\n  ${means}\n  ${todo}`);
    out.json(explanation);
  },
};

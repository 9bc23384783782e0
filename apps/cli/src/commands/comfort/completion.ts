import type { Command } from '../../command.ts';
import { closest } from '../../closest.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';

export const completion: Command = {
  names: ['completion'],
  group: 'comfort',
  usage: 'bash|zsh|fish',
  summary: 'the script that completes commands, flags and nodes in your own shell',
  flags: [],
  operands: [{ name: 'bash|zsh|fish', kind: 'word' }],
  example: 'completion fish > ~/.config/fish/completions/corral.fish',
  needsSession: false,
  isLocal: true,
  async run({ words, out }) {
    const [shell] = words.operands as [string];
    const { completionScripts } = await import('../../completion/scripts.ts');
    const script = Object.hasOwn(completionScripts, shell) ? completionScripts[shell] : undefined;
    if (script === undefined) throw new CommandError(ExitCode.usage, refusal(shell, completionScripts));
    out.json({ shell, script });
    out.line(script.trimEnd());
  },
};

function refusal(shell: string, scripts: Readonly<Record<string, string>>): string {
  const meant = closest(shell, Object.keys(scripts));
  return `there is a script for ${Object.keys(scripts).join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

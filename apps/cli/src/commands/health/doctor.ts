import type { Call, Command } from '../../command.ts';
import { counted } from '../../counted.ts';
import type { Finding } from '../../doctor/finding.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';

export const doctor: Command = {
  names: ['doctor'],
  group: 'health',
  usage: 'config-file',
  summary: 'what is wrong with a zoo.cfg and with its directories here: seen, why, the line to change',
  flags: [],
  operands: [{ name: 'config-file', kind: 'file' }],
  needsSession: false,
  async run({ words, out }) {
    const [file] = words.operands as [string];
    const [{ ConfigFile }, { configFindings }, { directoryFindings }] = await Promise.all([
      import('../../doctor/config-file.ts'),
      import('../../doctor/config-rules.ts'),
      import('../../doctor/directory-rules.ts'),
    ]);
    const config = new ConfigFile(file);
    const findings = [...configFindings(config), ...directoryFindings(config)];
    for (const finding of findings) tell(out, finding);
    if (findings.length > 0) throw new CommandError(ExitCode.findings, counted(findings.length, 'finding'));
    out.note(`${file}: nothing found`);
  },
};

function tell(out: Call['out'], finding: Finding): void {
  const { severity, rule, where, seen, why, fix } = finding;
  out.json(finding);
  out.line(`${out.paint(severity === 'bad' ? 'red' : 'yellow', severity.padEnd(4))} ${rule}: ${where}`);
  out.line(`     seen: ${seen}`);
  out.line(`     why:  ${why}`);
  out.line(`     fix:  ${fix}`);
}

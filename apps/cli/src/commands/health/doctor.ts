import { statSync } from 'node:fs';
import type { Call, Command } from '../../command.ts';
import { counted } from '../../counted.ts';
import type { Finding } from '../../doctor/finding.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { numberOf } from '../../numbers.ts';

export const doctor: Command = {
  names: ['doctor'],
  group: 'health',
  usage: '[--server hosts] [zoo.cfg [--probe] | data-directory]',
  summary: 'what is wrong with servers, a zoo.cfg, or a data directory: seen, why, what to do',
  flags: [
    {
      name: '--probe',
      summary: 'of a zoo.cfg: resolves its members, and times syncs in a file that it removes',
    },
    { name: '--server', value: 'host:port,...', summary: 'the servers to ask; default those of the session' },
    { name: '--within', value: 'ms', summary: 'how long a server has to answer; default 3000' },
    { name: '--admin-port', value: 'port', summary: 'of the AdminServers; default 8080' },
    { name: '--log-dir', value: 'directory', summary: 'where the log is, if not beside the snapshots' },
    { name: '--max-buffer', value: 'bytes', summary: 'jute.maxbuffer of the servers; default 1048575' },
  ],
  operands: [{ name: 'zoo.cfg | data-directory', kind: 'file', isOptional: true }],
  example: 'doctor /var/lib/zookeeper',
  needsSession: false,
  async run(call) {
    const { words, out } = call;
    const [path] = words.operands;
    const findings = await findingsOf(call, path);
    for (const finding of findings) tell(out, finding);
    if (findings.length > 0) throw new CommandError(ExitCode.findings, counted(findings.length, 'finding'));
    out.note(`${path ?? hostsOf(call)}: nothing found`);
  },
};

async function findingsOf(call: Call, path: string | undefined): Promise<readonly Finding[]> {
  if (path === undefined) return ofEnsemble(call);
  if (call.words.has('--server'))
    throw new CommandError(ExitCode.usage, `servers or ${path}: one of them at a time`);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    ? ofDirectory(call, path)
    : ofConfig(call, path);
}

async function ofConfig({ words }: Call, file: string): Promise<readonly Finding[]> {
  const [{ ConfigFile }, { configFindings }, { directoryFindings }] = await Promise.all([
    import('../../doctor/config-file.ts'),
    import('../../doctor/config-rules.ts'),
    import('../../doctor/directory-rules.ts'),
  ]);
  const config = new ConfigFile(file);
  const findings = [...configFindings(config), ...directoryFindings(config)];
  if (!words.has('--probe')) return findings;
  const [{ machineFindings }, { thisMachine }] = await Promise.all([
    import('../../doctor/machine-rules.ts'),
    import('../../doctor/machine.ts'),
  ]);
  return [...findings, ...(await machineFindings(config, thisMachine))];
}

async function ofDirectory({ words, out, signal }: Call, path: string): Promise<readonly Finding[]> {
  const [{ dataDirOf, examine, hasData }, { dataFindings }, { zxidToHex }] = await Promise.all([
    import('../../doctor/data-directory.ts'),
    import('../../doctor/data-rules.ts'),
    import('@corral/protocol'),
  ]);
  const maxBuffer = numberOf(words, '--max-buffer', 1, 0x3fff_ffff) ?? MAX_BUFFER;
  const dataDir = dataDirOf(path);
  const logDir = dataDirOf(words.value('--log-dir') ?? path);
  for (const directory of [dataDir, logDir])
    if (!hasData(directory))
      throw new CommandError(ExitCode.usage, `${directory} is no data directory: it has no version-2`);
  const found = await examine(dataDir, logDir, { maxBuffer, signal });
  const nodes = found.tree === undefined ? '' : `, ${counted(found.tree.nodeCount, 'node')}`;
  const files = `${counted(found.logs.length, 'log file')}, ${counted(found.snapshots.length, 'snapshot')}`;
  const epoch = found.epochs.current === undefined ? '' : `, epoch ${found.epochs.current}`;
  out.note(`${dataDir}: ${files}, last transaction ${zxidToHex(found.lastZxid)}${epoch}${nodes}`);
  return [...dataFindings(found, maxBuffer)];
}

async function ofEnsemble(call: Call): Promise<readonly Finding[]> {
  const { words, out, signal, connection } = call;
  const [{ factsOf }, { ensembleFindings }, { serversOf }] = await Promise.all([
    import('../../doctor/ensemble-facts.ts'),
    import('../../doctor/ensemble-rules.ts'),
    import('../../servers.ts'),
  ]);
  const facts = await factsOf(await serversOf(hostsOf(call)), {
    withinMs: numberOf(words, '--within', 1, 3_600_000) ?? 3000,
    adminPort: numberOf(words, '--admin-port', 1, 0xffff) ?? 8080,
    signal,
    connect: (hosts) => connection.open(hosts),
  });
  for (const { server, srvr, problem, answerMs } of facts.servers)
    out.note(
      `${server}: ${problem ?? `${srvr.get('Mode') ?? '?'}, ${srvr.get('Zxid') ?? '?'}, answers in ${answerMs.toFixed(0)} ms`}`,
    );
  return [...ensembleFindings(facts)];
}

function hostsOf({ words, connection }: Call): string {
  return words.value('--server') ?? connection.hosts;
}

function tell(out: Call['out'], finding: Finding): void {
  const { severity, rule, where, seen, why, fix } = finding;
  out.json(finding);
  out.line(`${out.paint(severity === 'bad' ? 'red' : 'yellow', severity.padEnd(4))} ${rule}: ${where}`);
  out.line(`     seen: ${seen}`);
  out.line(`     why:  ${why}`);
  out.line(`     fix:  ${fix}`);
}

/** Apache's default of `jute.maxbuffer`. */
const MAX_BUFFER = 0xfffff;

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask } from './ask.ts';
import type { CommandLine, EnsemblePlan } from './command-line.ts';
import { ExitCode } from './exit-code.ts';

interface LocalMember {
  readonly id: number;
  readonly folder: string;
  readonly clientPort: number;
  readonly process: ChildProcess;
}

/**
 * Runs an ensemble on this machine, each member a process of its own, until a signal comes or one of them ends by
 * itself: then all of them are stopped.
 */
export async function runEnsemble(
  { ensemble: plan, flags }: CommandLine,
  script: string,
  print: (text: string) => void,
): Promise<ExitCode> {
  const properties = Array.from(flags, ([name, value]) => `-D${name}=${value}`);
  const members: LocalMember[] = [];
  for (let id = 1; id <= plan.size; id++) members.push(startMember(plan, id, properties, script));
  const { promise: signalled, resolve: stop } = Promise.withResolvers<undefined>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(undefined));
  const endings = members.map((member) => endOf(member));
  print(greeting(members, plan));
  const isOver = Promise.race([signalled, ...endings]);
  void announceLeader(members, isOver, print);
  const first = await isOver;
  if (first !== undefined)
    print(
      `Member ${first.id} has ended by itself; its log: ${join(first.folder, LOG)}. Stopping the others.\n`,
    );
  for (const member of members) member.process.kill('SIGTERM');
  await Promise.all(endings);
  return first === undefined ? ExitCode.finished : ExitCode.unexpected;
}

function startMember(plan: EnsemblePlan, id: number, properties: string[], script: string): LocalMember {
  const folder = resolve(plan.folder, String(id));
  const clientPort = plan.port + id - 1;
  mkdirSync(join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'data', 'myid'), `${id}\n`);
  writeFileSync(join(folder, 'zoo.cfg'), configuration(plan, folder, clientPort));
  const log = openSync(join(folder, LOG), 'a');
  const child = spawn(
    process.execPath,
    [...process.execArgv, script, ...properties, 'start-foreground', join(folder, 'zoo.cfg')],
    // A group of its own: Ctrl-C is for this process, which stops them in order.
    { stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  return { id, folder, clientPort, process: child };
}

function configuration({ size, port }: EnsemblePlan, folder: string, clientPort: number): string {
  const lines = [
    'tickTime=2000',
    'initLimit=10',
    'syncLimit=5',
    `dataDir=${join(folder, 'data')}`,
    `clientPort=${clientPort}`,
    'clientPortAddress=127.0.0.1',
  ];
  for (let id = 1; id <= size; id++)
    lines.push(`server.${id}=127.0.0.1:${port + QUORUM_PORTS + id}:${port + ELECTION_PORTS + id}`);
  return `${lines.join('\n')}\n`;
}

function greeting(members: readonly LocalMember[], plan: EnsemblePlan): string {
  const hosts = members.map(({ clientPort }) => `127.0.0.1:${clientPort}`).join(',');
  return [
    ...members.map(
      ({ id, clientPort, process: { pid }, folder }) =>
        `Member ${id}: clients at 127.0.0.1:${clientPort}, process ${pid}, log ${join(folder, LOG)}\n`,
    ),
    `An ensemble of ${members.length} keeps its data in ${resolve(plan.folder)}, for this machine only.\n`,
    `Connect any ZooKeeper client to ${hosts}, such as: zkCli.sh -server ${hosts}\n`,
    'Ctrl-C stops all of them.\n',
  ].join('');
}

/** Says so once all members serve. */
async function announceLeader(
  members: readonly LocalMember[],
  isOver: Promise<unknown>,
  print: (text: string) => void,
): Promise<void> {
  const over = new AbortController();
  void isOver.then(() => over.abort());
  while (!over.signal.aborted) {
    const answers = await Promise.all(
      members.map(({ clientPort }) => ask('127.0.0.1', clientPort, 'srvr', ASK_MS_MAX).catch(() => '')),
    );
    const modes = answers.map((answer) => /^Mode: (.*)$/m.exec(answer)?.[1]);
    if (modes.every((mode) => mode !== undefined)) {
      print(`All serve; member ${members[modes.indexOf('leader')]?.id ?? 1} leads.\n`);
      return;
    }
    await pause(POLL_MS);
  }
}

function endOf(member: LocalMember): Promise<LocalMember> {
  return new Promise((ended) => {
    member.process.once('exit', () => ended(member));
    member.process.once('error', () => ended(member));
  });
}

const LOG = 'log';
const POLL_MS = 100;
const ASK_MS_MAX = 2000;
/** Above the first client port. */
const QUORUM_PORTS = 100;
const ELECTION_PORTS = 200;

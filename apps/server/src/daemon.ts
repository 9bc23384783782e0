import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask } from './ask.ts';
import type { CommandLine } from './command-line.ts';
import { loadSettings } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { ExitCode } from './exit-code.ts';

/** What `start`, `stop` and `status` work with, as in `zkServer.sh`. */
export interface Daemon {
  readonly commandLine: CommandLine;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The script that `start-foreground` is a word of. */
  readonly script: string;
  readonly print: (text: string) => void;
}

/** Runs `start-foreground` apart from this process, and returns once it serves or has failed. */
export async function start(daemon: Daemon): Promise<ExitCode> {
  const settings = settingsOf(daemon);
  const { pidFile, logFile } = files(daemon, settings);
  daemon.print('Starting zookeeper ... ');
  const running = runningProcess(pidFile);
  if (running !== undefined) {
    daemon.print(`already running as process ${running}.\n`);
    return ExitCode.unexpected;
  }
  mkdirSync(dirname(pidFile), { recursive: true });
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const child = spawn(
    process.execPath,
    [...process.execArgv, daemon.script, ...foregroundArgs(daemon.commandLine)],
    {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    },
  );
  closeSync(log);
  // Written before it serves, so that whoever sees it serving can stop it.
  if (child.pid !== undefined) writeFileSync(pidFile, String(child.pid));
  const serves = await new Promise<boolean>((resolve) => {
    child.on('message', () => resolve(true));
    child.on('exit', () => resolve(false));
    child.on('error', () => resolve(false));
  });
  if (serves) {
    child.disconnect();
    child.unref();
    daemon.print('STARTED\n');
    return ExitCode.finished;
  }
  rmSync(pidFile, { force: true });
  daemon.print(`FAILED TO START\n${lastLine(logFile)}(log: ${logFile})\n`);
  return ExitCode.unexpected;
}

/** Asks the process to end, and returns once it has. */
export async function stop(daemon: Daemon): Promise<ExitCode> {
  const { pidFile } = files(daemon, settingsOf(daemon));
  daemon.print('Stopping zookeeper ... ');
  const pid = readPid(pidFile);
  if (pid === undefined) {
    daemon.print(`no zookeeper to stop (could not find file ${pidFile})\n`);
    return ExitCode.finished;
  }
  if (signal(pid, 'SIGTERM')) {
    for (let waited = 0; signal(pid, 0); waited += POLL_MS) {
      if (waited >= STOP_MS_MAX) {
        daemon.print(`process ${pid} has not ended after ${STOP_MS_MAX / 1000} s\n`);
        return ExitCode.unexpected;
      }
      await pause(POLL_MS);
    }
  }
  rmSync(pidFile, { force: true });
  daemon.print('STOPPED\n');
  return ExitCode.finished;
}

export async function restart(daemon: Daemon): Promise<ExitCode> {
  const stopped = await stop(daemon);
  return stopped === ExitCode.finished ? start(daemon) : stopped;
}

/** Prints `Mode: standalone` of the server that answers on the client port. */
export async function status(daemon: Daemon): Promise<ExitCode> {
  const { clientPort, clientPortAddress } = settingsOf(daemon).server;
  const isAny = clientPortAddress === '0.0.0.0' || clientPortAddress === '::';
  const host = isAny ? 'localhost' : clientPortAddress;
  daemon.print(`Client port found: ${clientPort}. Client address: ${host}. Client SSL: false.\n`);
  const answer = await ask(host, clientPort, 'srvr', STATUS_MS_MAX).catch(() => '');
  const mode = answer.split('\n').find((line) => line.startsWith('Mode: '));
  daemon.print(`${mode ?? 'Error contacting service. It is probably not running.'}\n`);
  return mode === undefined ? ExitCode.unexpected : ExitCode.finished;
}

/** Prints what `start` runs. */
export function printCommand(daemon: Daemon): ExitCode {
  const { logFile } = files(daemon, settingsOf(daemon));
  const command = [
    process.execPath,
    ...process.execArgv,
    daemon.script,
    ...foregroundArgs(daemon.commandLine),
  ];
  daemon.print(`${command.map((part) => `"${part}"`).join(' ')} >> "${logFile}" 2>&1 < /dev/null\n`);
  return ExitCode.finished;
}

function settingsOf({ commandLine, environment }: Daemon): Settings {
  return loadSettings({ file: commandLine.config, flags: commandLine.flags, environment });
}

function foregroundArgs({ flags, config }: CommandLine): string[] {
  const properties = Array.from(flags, ([name, value]) => `-D${name}=${value}`);
  return [...properties, 'start-foreground', ...(config === undefined ? [] : [config])];
}

/** Where they are kept, unless the variables of `zkServer.sh` say otherwise. */
function files({ environment }: Daemon, { storage }: Settings): { pidFile: string; logFile: string } {
  const logName = `zookeeper-${userInfo().username}-server-${hostname()}.out`;
  return {
    pidFile: environment['ZOOPIDFILE'] ?? join(storage.dataDir, 'zookeeper_server.pid'),
    logFile: join(environment['ZOO_LOG_DIR'] ?? storage.dataDir, logName),
  };
}

function runningProcess(pidFile: string): number | undefined {
  const pid = readPid(pidFile);
  return pid !== undefined && signal(pid, 0) ? pid : undefined;
}

function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8').trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether there is such a process; the signal 0 only asks. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function lastLine(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.at(-1) === '' ? '' : `${lines.at(-1)}\n`;
}

const POLL_MS = 25;
/** Longer than the server itself takes for an orderly end. */
const STOP_MS_MAX = 30_000;
const STATUS_MS_MAX = 10_000;

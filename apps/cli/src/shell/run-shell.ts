import type { CommandLine } from '../command-line.ts';
import { Connection } from '../connection.ts';
import type { ExitCode } from '../exit-code.ts';
import { hostsOf } from '../hosts.ts';
import { complete } from './completion.ts';
import { HistoryFile } from './history-file.ts';
import { LineReader } from './line-reader.ts';
import { Shell } from './shell.ts';

/** Unless it was told to wait: so long a command waits for a server. */
const CONNECT_TIMEOUT_MS = 5000;

/** The shell, at a terminal or with the lines of a file. */
export async function runShell(commandLine: CommandLine, environment: NodeJS.ProcessEnv): Promise<ExitCode> {
  const { sessionTimeoutMs, waitsForConnection, settings } = commandLine;
  const isInteractive = process.stdin.isTTY && process.stdout.isTTY;
  const hosts = hostsOf(commandLine, environment);
  const history = new HistoryFile(isInteractive ? environment : { CORRAL_HISTORY: '' });
  const connection = new Connection(hosts, {
    sessionTimeoutMs,
    connectTimeoutMs: waitsForConnection ? sessionTimeoutMs : Math.min(CONNECT_TIMEOUT_MS, sessionTimeoutMs),
    isReadOnly: commandLine.isReadOnly,
    auth: commandLine.auth,
    show: (text) => {
      if (!settings.isJson) shell.show(text);
    },
  });
  const reader: LineReader = new LineReader({
    input: process.stdin,
    output: process.stdout,
    isTerminal: isInteractive,
    history: history.read(),
    complete: (line) => complete(line, connection.client),
    onInterrupt: (typed) => shell.interrupt(typed),
  });
  const shell = new Shell({
    reader,
    connection,
    history,
    streams: process,
    settings: { ...settings, isInteractive },
  });
  // Where there is no terminal that turns Ctrl-C into a key.
  const interrupt = (): void => shell.interrupt('');
  process.on('SIGINT', interrupt);
  try {
    if (!settings.isJson) process.stdout.write(`Connecting to ${hosts}\n`);
    await connection.connect(hosts);
    if (waitsForConnection) await connection.client!.connected();
    if (!settings.isJson) process.stdout.write('Welcome to ZooKeeper!\n');
    return await shell.run();
  } finally {
    reader.close();
    await connection.close();
    process.off('SIGINT', interrupt);
  }
}

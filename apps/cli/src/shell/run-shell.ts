import type { Client } from '@corral/client';
import type { CommandLine } from '../command-line.ts';
import { Connection } from '../connection.ts';
import { complete } from './completion.ts';
import { HistoryFile } from './history-file.ts';
import { LineReader } from './line-reader.ts';
import { targetOf } from '../target.ts';
import { Shell } from './shell.ts';

/** Unless it was told to wait: so long a command waits for a server. */
const CONNECT_TIMEOUT_MS = 5000;

/** The shell, at a terminal or with the lines of a file. */
export async function runShell(commandLine: CommandLine, environment: NodeJS.ProcessEnv): Promise<number> {
  const { waitsForConnection, settings } = commandLine;
  const isInteractive = process.stdin.isTTY && process.stdout.isTTY;
  const target = await targetOf(commandLine, environment);
  const { hosts, sessionTimeoutMs, isReadOnly } = target;
  const history = new HistoryFile(isInteractive ? environment : { CORRAL_HISTORY: '' });
  const connection = new Connection(hosts, {
    sessionTimeoutMs,
    connectTimeoutMs: waitsForConnection ? sessionTimeoutMs : Math.min(CONNECT_TIMEOUT_MS, sessionTimeoutMs),
    isReadOnly,
    auth: target.auth(),
    show: (text) => {
      if (!settings.isJson) shell.show(text);
    },
  });
  const reader: LineReader = new LineReader({
    input: process.stdin,
    output: process.stdout,
    isTerminal: isInteractive,
    history: history.read(),
    complete: (line) =>
      complete(line, {
        client: () => (isServed(connection.client) ? connection.client : undefined),
        environment,
      }),
    onInterrupt: (typed) => shell.interrupt(typed),
  });
  const shell = new Shell({
    reader,
    connection,
    history,
    production: target.production,
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

/** Whoever types does not wait for a server that is away. */
function isServed(client: Client | undefined): boolean {
  return client?.state === 'connected' || client?.state === 'connectedReadOnly';
}

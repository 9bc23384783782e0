import { Player } from '../play/player.ts';
import type { Sent } from '../play/step.ts';
import type { Transcript } from '../play/transcript.ts';
import type { ServerProgram } from '../servers/program.ts';
import { ServerProcess, type ServerOptions } from '../servers/server-process.ts';
import type { Case } from './case.ts';
import { superDigest, wipe } from './wipe.ts';

/**
 * Plays a case on a fresh server.
 *
 * @param afterwards gets the data directory once the server has ended
 */
export async function playCase(
  program: ServerProgram,
  row: Case,
  afterwards?: (dataDir: string) => Promise<void>,
): Promise<Transcript> {
  let server = await ServerProcess.start(program, optionsOf(row.server));
  const player = new Player(server.port, async (how) => {
    server = await server.restarted(how);
    return server.port;
  });
  try {
    const transcript = await player.play(row.steps);
    if (afterwards !== undefined) {
      await server.stop();
      await afterwards(server.dataDir);
    }
    return transcript;
  } finally {
    await player.end();
    await server[Symbol.asyncDispose]();
  }
}

/** Whether a case can be played where others have been before it. */
export function canShare(row: Case): boolean {
  const isPlain = row.steps.every(
    (step) => step.do !== 'restart' && !('drift' in step && step.drift !== undefined),
  );
  return isPlain && row.server === undefined && row.differs === undefined && row.fresh === undefined;
}

/** Why Apache 3.8 is not asked, if so. */
export function reasonNot38(row: Case): string | undefined {
  const asksForNewTypes = row.steps.some((step) => step.do === 'send' && step.ops.some(hasNewWatcherType));
  return row.in38 ?? (asksForNewTypes ? 'the watcher types 4 and 5 are unknown' : undefined);
}

function hasNewWatcherType(sent: Sent): boolean {
  return (sent.op === 'checkWatches' || sent.op === 'removeWatches') && sent.type > 3;
}

/** A server for many cases, one after the other. */
export class SharedServer implements AsyncDisposable {
  readonly #program: ServerProgram;
  /** From the moment it is launched: whoever disposes meanwhile waits for it. */
  #server: Promise<ServerProcess> | undefined;

  constructor(program: ServerProgram) {
    this.#program = program;
  }

  async play(row: Case): Promise<Transcript> {
    this.#server ??= ServerProcess.start(this.#program, optionsOf(undefined));
    const { port } = await this.#server;
    const player = new Player(port);
    try {
      return await player.play(row.steps);
    } finally {
      await player.end();
    }
  }

  async wipe(): Promise<void> {
    const { port } = await this.#server!;
    await wipe(port);
  }

  /** The next case gets a new server. */
  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    // A server that did not start has ended itself.
    await server?.then((started) => started[Symbol.asyncDispose]()).catch(() => {});
  }
}

function optionsOf(own: ServerOptions | undefined): ServerOptions {
  return {
    config: { tickTime: 10_000, extendedTypesEnabled: 'true', ...own?.config },
    properties: {
      'znode.container.checkIntervalMs': '3600000',
      'zookeeper.DigestAuthenticationProvider.superDigest': superDigest,
      ...own?.properties,
    },
  };
}

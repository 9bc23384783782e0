import { Player } from '../play/player.ts';
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

/** A server for many cases, one after the other. */
export class SharedServer implements AsyncDisposable {
  readonly #program: ServerProgram;
  #server: ServerProcess | undefined;

  constructor(program: ServerProgram) {
    this.#program = program;
  }

  async play(row: Case): Promise<Transcript> {
    this.#server ??= await ServerProcess.start(this.#program, optionsOf(undefined));
    const player = new Player(this.#server.port);
    try {
      return await player.play(row.steps);
    } finally {
      await player.end();
    }
  }

  wipe(): Promise<void> {
    return wipe(this.#server!.port);
  }

  /** The next case gets a new server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
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

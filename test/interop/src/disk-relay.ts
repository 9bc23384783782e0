import {
  Player,
  printed,
  type ServerOptions,
  ServerProcess,
  type ServerProgram,
  type Step,
  superDigest,
} from '@corral-test/oracle';
import { type DiskState, digestMismatches, readState } from './disk-state.ts';

/** Servers on one directory, one after the other, and a player that goes on with whichever serves. */
export class Relay implements AsyncDisposable {
  readonly #options: ServerOptions;
  readonly #player: Player;
  #server: ServerProcess;
  #next: ServerProgram;
  #between: () => void = () => {};

  static async start(program: ServerProgram, dataDir: string, more: ServerOptions = {}): Promise<Relay> {
    const options = optionsOf(dataDir, more);
    return new Relay(await ServerProcess.start(program, options), options);
  }

  private constructor(first: ServerProcess, options: ServerOptions) {
    this.#options = options;
    this.#server = first;
    this.#next = first.program;
    this.#player = new Player(first.port, (how) => this.#succeed(how));
  }

  get program(): ServerProgram {
    return this.#server.program;
  }

  /** Requests that are all answered, whatever the answer. */
  async play(steps: readonly Step[]): Promise<void> {
    const text = await this.playAnything(steps);
    const unanswered = /^.*(silence|unanswered|unasked|not connected|session=0 ).*$/m.exec(text);
    if (unanswered !== null) throw new Error(`${unanswered[0]}\n${this.#server.log().slice(-3000)}`);
  }

  /** Resolves with everything that was said since the start. */
  async playAnything(steps: readonly Step[]): Promise<string> {
    return printed(await this.#player.play(steps));
  }

  /**
   * Ends the server that serves, and has another one go on with its directory.
   *
   * @param between is called while nobody has it
   */
  async handOver(
    how: 'stop' | 'kill',
    program: ServerProgram,
    between: () => void = () => {},
  ): Promise<void> {
    this.#next = program;
    this.#between = between;
    await this.#player.play([{ do: 'restart', how }]);
  }

  state(): Promise<DiskState> {
    return readState(this.#server.port);
  }

  digestMismatches(): Promise<string | undefined> {
    return digestMismatches(this.#server.port);
  }

  /** The snapshots that the server has begun with, the one that it could use last. Debian's Apache has no log. */
  snapshotsTried(): string[] {
    const lines = this.#server
      .log()
      .match(/^.*(Reading snapshot|"data loaded"|snapshot cannot be used).*$/gm);
    return lines?.flatMap((line) => /snapshot\.[0-9a-f]+(\.(gz|snappy))?/.exec(line)?.[0] ?? []) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#player.end();
    await this.#server[Symbol.asyncDispose]();
  }

  async #succeed(how: 'stop' | 'kill'): Promise<number> {
    await this.#server[how]();
    await this.#server[Symbol.asyncDispose]();
    this.#between();
    this.#server = await ServerProcess.start(this.#next, this.#options);
    return this.#server.port;
  }
}

function optionsOf(dataDir: string, { config, properties }: ServerOptions): ServerOptions {
  return {
    dataDir,
    config: {
      tickTime: 10_000,
      extendedTypesEnabled: 'true',
      snapCount: 100,
      preAllocSize: 64,
      'autopurge.purgeInterval': 0,
      // Sessions can be taken over only where both compute the same passwords.
      'corral.sessionPasswords': 'apache',
      ...config,
    },
    properties: {
      'znode.container.checkIntervalMs': '3600000',
      'zookeeper.DigestAuthenticationProvider.superDigest': superDigest,
      'org.slf4j.simpleLogger.log.org.apache.zookeeper.server.persistence.FileSnap': 'info',
      ...properties,
    },
  };
}

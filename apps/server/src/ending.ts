import type { Logger } from '@corral/runtime';
import type { Server } from '@corral/server';
import { ExitCode } from './exit-code.ts';

/**
 * How the process comes to its end. The first signal ends the server in order, the second one at once; so does the
 * first while the server is still starting: what is on disk can stand that.
 */
export class Ending {
  /** Resolves once the server is closed. */
  readonly exitCode: Promise<ExitCode>;
  readonly #logger: Logger;
  readonly #resolve: (code: ExitCode) => void;
  #server: Server | undefined;
  #isStopping = false;

  constructor(logger: Logger) {
    const { promise, resolve } = Promise.withResolvers<ExitCode>();
    this.exitCode = promise;
    this.#resolve = resolve;
    this.#logger = logger;
    for (const [signal, number] of SIGNALS) process.on(signal, () => this.#signalled(signal, number));
  }

  belongsTo(server: Server): void {
    this.#server = server;
    void this.#awaitFailure(server);
  }

  async #awaitFailure(server: Server): Promise<void> {
    const { message } = await server.failed;
    const exitCode = await this.#stop(server, ExitCode.storage);
    this.#logger.error({ exitCode, reason: message }, 'the log could not be written: exiting abnormally');
  }

  #signalled(signal: string, number: number): void {
    if (this.#isStopping || this.#server === undefined) {
      this.#logger.warn({ signal }, 'ending at once');
      process.exit(128 + number);
    }
    this.#logger.info({ signal }, 'stopping; once more ends at once');
    void this.#stop(this.#server, ExitCode.finished);
  }

  async #stop(server: Server, code: ExitCode): Promise<ExitCode> {
    this.#isStopping = true;
    // It also keeps the process alive: the server's own timers do not.
    const limit = setTimeout(() => {
      this.#logger.error({ afterMs: STOP_MS_MAX }, 'stopping takes too long: exiting abnormally');
      process.exit(code === ExitCode.finished ? ExitCode.unexpected : code);
    }, STOP_MS_MAX);
    const ended = await server.close().then(
      () => code,
      (cause: unknown) => {
        const error = cause instanceof Error ? cause : new Error(String(cause));
        this.#logger.error({ error }, 'stopping failed');
        return code === ExitCode.finished ? ExitCode.unexpected : code;
      },
    );
    clearTimeout(limit);
    this.#resolve(ended);
    return ended;
  }
}

const SIGNALS = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const;
/** For answering what was taken in, the last sync, and a snapshot to let go of. */
const STOP_MS_MAX = 20_000;

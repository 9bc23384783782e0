import { CreateRequest, DeleteRequest, ErrorCode, OPEN_ACL_UNSAFE, OpCode } from '@corral/protocol';
import type { Transport } from '@corral/transport';
import type { Options } from './options.ts';
import { LoadSession, type RequestBody } from './session.ts';

/** Where workloads play: sessions on the servers, and nodes below one root that is gone when the stage is struck. */
export class Stage {
  readonly options: Options;
  readonly root: string;
  /** Arranges things, and is the one writer of `watch`. */
  readonly boss: LoadSession;
  readonly #transport: Transport;
  readonly #failure: PromiseWithResolvers<never>;

  private constructor(
    transport: Transport,
    options: Options,
    root: string,
    boss: LoadSession,
    failure: PromiseWithResolvers<never>,
  ) {
    this.options = options;
    this.root = root;
    this.boss = boss;
    this.#transport = transport;
    this.#failure = failure;
  }

  /** @param root a path that nothing else uses */
  static async build(transport: Transport, options: Options, root: string): Promise<Stage> {
    const failure = Promise.withResolvers<never>();
    failure.promise.catch(() => {});
    const opening = LoadSession.open(transport, options.servers[0]!, 0, failure.reject);
    const stage = new Stage(
      transport,
      options,
      root,
      await Promise.race([opening, failure.promise]),
      failure,
    );
    await stage.makeNodes([root]);
    return stage;
  }

  /** As many sessions as the options say, spread over the servers. */
  openSessions(): Promise<LoadSession[]> {
    return Promise.all(Array.from({ length: this.options.connections }, (_, id) => this.openSession(id)));
  }

  openSession(id: number): Promise<LoadSession> {
    const { servers } = this.options;
    return this.guard(
      LoadSession.open(this.#transport, servers[id % servers.length]!, id, this.#failure.reject),
    );
  }

  async closeSessions(sessions: readonly LoadSession[]): Promise<void> {
    await this.guard(Promise.all(sessions.map((session) => session.close())));
  }

  /** Settles as `work` does, unless a connection breaks first or it takes too long. */
  async guard<T>(work: Promise<T>): Promise<T> {
    const { seconds, warmupSeconds } = this.options;
    const limit = seconds + warmupSeconds + PATIENCE_SECONDS;
    const timer = setTimeout(
      () => this.#failure.reject(new Error(`the server has not got on for ${limit} s`)),
      limit * 1000,
    );
    try {
      return await Promise.race([work, this.#failure.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  makeNodes(paths: Iterable<string>): Promise<void> {
    const data = new Uint8Array(this.options.bytes);
    return this.#each(paths, OpCode.create, (path) => new CreateRequest(path, data, OPEN_ACL_UNSAFE, 0));
  }

  removeNodes(paths: Iterable<string>): Promise<void> {
    return this.#each(paths, OpCode.delete, (path) => new DeleteRequest(path, -1));
  }

  async strike(): Promise<void> {
    await this.removeNodes([this.root]);
    await this.guard(this.boss.close());
  }

  async #each(paths: Iterable<string>, type: number, body: (path: string) => RequestBody): Promise<void> {
    let failed = 0;
    this.boss.handler = { onReply: (_, err) => void (failed = err === ErrorCode.OK ? failed : err) };
    for (const path of paths) {
      this.boss.request(type, body(path));
      if (this.boss.inFlight >= ARRANGED_AT_ONCE) await this.guard(this.boss.idle());
    }
    await this.guard(this.boss.idle());
    if (failed !== 0) throw new Error(`the server answers ${failed} to the preparations`);
  }
}

/** Seconds beyond the time measured before a server counts as stuck. */
const PATIENCE_SECONDS = 60;
const ARRANGED_AT_ONCE = 200;

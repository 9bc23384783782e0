import {
  CreateRequest,
  DeleteRequest,
  ErrorCode,
  errorName,
  OPEN_ACL_UNSAFE,
  OpCode,
} from '@corral/protocol';
import type { Transport } from '@corral/transport';
import type { Options } from './options.ts';
import { LoadSession, SESSION_TIMEOUT_MS, type RequestBody } from './session.ts';

/** Where workloads play: sessions on the servers, and nodes below one root that is gone when the stage is struck. */
export class Stage {
  readonly options: Options;
  readonly root: string;
  /** Arranges things, and is the one writer of `watch`. */
  readonly boss: LoadSession;
  readonly #transport: Transport;
  readonly #failure: PromiseWithResolvers<never>;
  readonly #pings: NodeJS.Timeout;

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
    // While the others work the boss has nothing to say.
    this.#pings = setInterval(() => boss.ping(), SESSION_TIMEOUT_MS / 3).unref();
  }

  /** @param root a path that nothing else uses */
  static async build(transport: Transport, options: Options, root: string): Promise<Stage> {
    const stage = await Stage.enter(transport, options, root);
    await stage.makeNodes([root]);
    return stage;
  }

  /** As it is found: nothing is made. */
  static async enter(transport: Transport, options: Options, root: string): Promise<Stage> {
    const failure = Promise.withResolvers<never>();
    failure.promise.catch(() => {});
    const opening = LoadSession.open(transport, options.servers[0]!, 0, failure.reject);
    return new Stage(transport, options, root, await guarded(opening, failure, DIAL_SECONDS), failure);
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
  guard<T>(work: Promise<T>): Promise<T> {
    const { seconds, warmupSeconds } = this.options;
    return guarded(work, this.#failure, seconds + warmupSeconds + PATIENCE_SECONDS);
  }

  makeNodes(paths: Iterable<string>, mayExist = false): Promise<void> {
    const data = new Uint8Array(this.options.bytes);
    const isFine = (err: number): boolean => mayExist && err === ErrorCode.NODEEXISTS;
    const body = (path: string): RequestBody => new CreateRequest(path, data, OPEN_ACL_UNSAFE, 0);
    return this.#each(paths, OpCode.create, body, isFine);
  }

  removeNodes(paths: Iterable<string>): Promise<void> {
    return this.#each(
      paths,
      OpCode.delete,
      (path) => new DeleteRequest(path, -1),
      () => false,
    );
  }

  async strike(): Promise<void> {
    await this.removeNodes([this.root]);
    await this.leave();
  }

  /** Leaves the nodes where they are. */
  leave(): Promise<void> {
    clearInterval(this.#pings);
    return this.guard(this.boss.close());
  }

  async #each(
    paths: Iterable<string>,
    type: number,
    body: (path: string) => RequestBody,
    isFine: (err: number) => boolean,
  ): Promise<void> {
    let failed: number = ErrorCode.OK;
    this.boss.handler = {
      onReply: (_, err) => void (failed = err === ErrorCode.OK || isFine(err) ? failed : err),
    };
    for (const path of paths) {
      this.boss.request(type, body(path));
      if (this.boss.inFlight >= ARRANGED_AT_ONCE) await this.guard(this.boss.idle());
      if (failed !== ErrorCode.OK) break;
    }
    await this.guard(this.boss.idle());
    if (failed !== ErrorCode.OK)
      throw new Error(`the server answers ${errorName(failed) ?? failed} to the preparations`);
  }
}

async function guarded<T>(
  work: Promise<T>,
  failure: PromiseWithResolvers<never>,
  seconds: number,
): Promise<T> {
  const timer = setTimeout(
    () => failure.reject(new Error(`the server has not got on for ${seconds} s`)),
    seconds * 1000,
  );
  try {
    return await Promise.race([work, failure.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Seconds beyond the time measured before a server counts as stuck. */
const PATIENCE_SECONDS = 60;
const DIAL_SECONDS = 15;
const ARRANGED_AT_ONCE = 200;

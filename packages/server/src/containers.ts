import type { DataTree } from '@corral/datatree';
import { DeleteContainerRequest, OpCode } from '@corral/protocol';
import type { Clock, Logger, Timer } from '@corral/runtime';
import type { ServerConfig } from './config.ts';
import { type Pipeline, WriteContext } from './pipeline.ts';

/**
 * Removes containers that have lost their last child and TTL nodes whose time is over (ContainerManager). The
 * removals are ordinary requests, at a measured pace; one that does not apply any more fails without harm.
 */
export class Containers {
  readonly #tree: DataTree;
  readonly #pipeline: Pipeline;
  readonly #config: ServerConfig['container'];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #context: WriteContext = new WriteContext();
  #timer: Timer | undefined = undefined;
  #pace: Timer | undefined = undefined;
  #candidates: string[] = [];

  constructor(
    tree: DataTree,
    pipeline: Pipeline,
    config: ServerConfig['container'],
    clock: Clock,
    logger: Logger,
  ) {
    this.#tree = tree;
    this.#pipeline = pipeline;
    this.#config = config;
    this.#clock = clock;
    this.#logger = logger;
  }

  start(): void {
    if (this.#config.checkIntervalMs <= 0) return;
    this.#timer = this.#clock.every(this.#config.checkIntervalMs, () => this.#check());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#pace?.cancel();
  }

  #check(): void {
    // The last round is not over: its pace is the limit.
    if (this.#candidates.length > 0) return;
    const now = this.#clock.now();
    this.#candidates = this.#tree.candidatesForContainerCleanup(now, this.#config.maxNeverUsedIntervalMs);
    this.#removeNext();
  }

  readonly #removeNext = (): void => {
    const path = this.#candidates.shift();
    if (path === undefined) return;
    this.#logger.info({ path }, 'removing a container that has become empty, or a node whose time is over');
    const context = this.#context;
    context.receivedAt = this.#clock.monotonic();
    this.#pipeline.submit(OpCode.deleteContainer, new DeleteContainerRequest(path), context);
    if (this.#candidates.length === 0) return;
    this.#pace = this.#clock.after(MINUTE_MS / Math.max(this.#config.maxPerMinute, 1), this.#removeNext);
  };
}

const MINUTE_MS = 60_000;

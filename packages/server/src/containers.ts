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
  /** The round that is not over. */
  #candidates: Iterator<string | undefined, void> | undefined = undefined;
  /** How long the next removal waits. */
  #paceMs = 0;

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
    if (this.#candidates !== undefined) return;
    const now = this.#clock.now();
    this.#candidates = this.#tree.candidatesForContainerCleanup(now, this.#config.maxNeverUsedIntervalMs);
    this.#paceMs = 0;
    this.#seek();
  }

  readonly #seek = (): void => {
    const next = this.#candidates!.next();
    if (next.done === true) this.#candidates = undefined;
    else if (next.value === undefined) this.#pace = this.#clock.after(0, this.#seek);
    else {
      const path = next.value;
      this.#pace = this.#clock.after(this.#paceMs, () => this.#remove(path));
    }
  };

  #remove(path: string): void {
    this.#logger.info({ path }, 'removing a container that has become empty, or a node whose time is over');
    const context = this.#context;
    context.receivedAt = this.#clock.monotonic();
    this.#pipeline.submit(OpCode.deleteContainer, new DeleteContainerRequest(path), context);
    this.#paceMs = MINUTE_MS / Math.max(this.#config.maxPerMinute, 1);
    this.#seek();
  }
}

const MINUTE_MS = 60_000;

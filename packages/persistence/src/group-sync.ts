/**
 * The scheduling of group commit, the same for every adapter: at most one sync runs; who asks meanwhile shares the
 * next one, which begins when the running one has ended. The first failure is final.
 *
 * `work` makes durable whatever has been appended by the time it is called.
 */
export class GroupSync {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #failure: unknown;
  #failed = false;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves when a `work` that began after this call has resolved. Rejects for ever once one has rejected. */
  sync(): Promise<void> {
    if (this.#failed) return Promise.reject(this.#failure);
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#start();
    });
    return this.#next;
  }

  /** Resolves when no sync is running, however it ended. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await (this.#next ?? this.#running).catch(ignored);
  }

  /** Why nothing is taken any more, when that is so. */
  get failure(): unknown {
    return this.#failure;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** Makes every later call reject: for a failure outside `work` that leaves the store just as uncertain. */
  fail(cause: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#failure = cause;
  }

  #start(): Promise<void> {
    if (this.#failed) return Promise.reject(this.#failure);
    const running = this.#run();
    this.#running = running;
    return running;
  }

  async #run(): Promise<void> {
    try {
      await this.#work();
    } catch (cause) {
      this.fail(cause);
      throw cause;
    } finally {
      this.#running = undefined;
    }
  }
}

function ignored(): void {}

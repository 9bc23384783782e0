/** Bytes in flight of requests above a threshold (`largeRequestThreshold`, `largeRequestMaxBytes`). */
export class LargeRequests {
  readonly #threshold: number;
  readonly #bytesMax: number;
  #bytes = 0;

  /** @param threshold requests longer than this count; -1: none does */
  constructor(threshold: number, bytesMax: number) {
    this.#threshold = threshold;
    this.#bytesMax = bytesMax;
  }

  /** The bytes a request counts for until `done`: 0 where it is not large, -1 where there is no room for it. */
  admit(length: number): number {
    if (this.#threshold < 0 || length <= this.#threshold) return 0;
    if (this.#bytes + length > this.#bytesMax) return -1;
    this.#bytes += length;
    return length;
  }

  done(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** Open connections by address (`maxClientCnxns`). */
export class AddressCounts {
  readonly #counts = new Map<string, number>();

  of(host: string): number {
    return this.#counts.get(host) ?? 0;
  }

  add(host: string): void {
    this.#counts.set(host, this.of(host) + 1);
  }

  remove(host: string): void {
    const count = this.of(host) - 1;
    if (count > 0) this.#counts.set(host, count);
    else this.#counts.delete(host);
  }
}

/**
 * Slows down whoever guesses session passwords: after `FAILURES_MAX` wrong ones from one address within
 * `WINDOW_MS`, that address may take over no session until the window is over.
 */
export class ReattachGuard {
  readonly #windows = new Map<string, { readonly endsAt: number; failures: number }>();

  isBlocked(host: string, now: number): boolean {
    const window = this.#windows.get(host);
    return window !== undefined && now < window.endsAt && window.failures >= FAILURES_MAX;
  }

  failed(host: string, now: number): void {
    const window = this.#windows.get(host);
    if (window !== undefined && now < window.endsAt) {
      window.failures++;
      return;
    }
    this.#windows.delete(host);
    // In the order they began: the oldest goes first where there are too many.
    if (this.#windows.size >= ADDRESSES_MAX) this.#windows.delete(this.#windows.keys().next().value!);
    this.#windows.set(host, { endsAt: now + WINDOW_MS, failures: 1 });
  }
}

const WINDOW_MS = 10_000;
const FAILURES_MAX = 100;
const ADDRESSES_MAX = 10_000;

import type { Clock, Metrics, Random, Summary } from '@corral/runtime';
import type { ServerConfig } from './config.ts';

/**
 * How many clients may come (`connection_throttle_*`, Java: BlueThrottle): a bucket of tokens that fills as time goes
 * by, and, where a freeze time is set, a chance of being turned away that grows while the bucket is empty.
 */
export class ConnectionThrottle {
  readonly #o: ServerConfig['connectionThrottle'];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #deficit: Summary;
  readonly #tokensMax: number;
  readonly #fillCount: number;
  #tokens: number;
  #filledAt: number;
  #frozenAt: number;
  #dropChance = 0;

  constructor(options: ServerConfig['connectionThrottle'], clock: Clock, random: Random, metrics: Metrics) {
    this.#o = options;
    this.#clock = clock;
    this.#random = random;
    this.#deficit = metrics.summary('connection_token_deficit');
    metrics.gauge('connection_drop_probability', () => this.#dropChance);
    // What is configured is meant for the dearest kind of connection.
    const unit = options.weightEnabled ? options.globalSessionWeight : 1;
    this.#tokensMax = this.#tokens = options.tokens * unit;
    this.#fillCount = options.fillCount * unit;
    this.#filledAt = this.#frozenAt = clock.monotonic();
  }

  /** Whether there is room for one more, which has taken it then. */
  admits(kind: ConnectionKind): boolean {
    if (this.#tokensMax <= 0) return true;
    const now = this.#clock.monotonic();
    this.#fill(now);
    if (this.#o.freezeTime !== -1 && this.#isUnlucky(now)) return false;
    const need = this.#weightOf(kind);
    if (this.#tokens < need) return false;
    this.#tokens -= need;
    this.#deficit.observe(this.#tokensMax - this.#tokens);
    return true;
  }

  #fill(now: number): void {
    const passed = Math.floor(now - this.#filledAt);
    if (passed <= this.#o.fillTime) return;
    const filled = Math.floor((passed * this.#fillCount) / Math.max(1, this.#o.fillTime));
    this.#tokens = Math.min(this.#tokens + filled, this.#tokensMax);
    this.#filledAt = now;
  }

  #isUnlucky(now: number): boolean {
    const { freezeTime, dropIncrease, dropDecrease, decreaseRatio } = this.#o;
    const deficit = this.#tokensMax - this.#tokens;
    if (now - this.#frozenAt > freezeTime) {
      if (deficit === this.#tokensMax) this.#dropChance = Math.min(this.#dropChance + dropIncrease, 1);
      else if (deficit <= Math.round(this.#tokensMax * decreaseRatio))
        this.#dropChance = Math.max(this.#dropChance - dropDecrease, 0);
      this.#frozenAt = now;
    }
    return this.#dropChance > 0 && this.#random.below(CHANCES) < this.#dropChance * CHANCES;
  }

  #weightOf(kind: ConnectionKind): number {
    const { weightEnabled, globalSessionWeight, localSessionWeight, renewSessionWeight } = this.#o;
    if (!weightEnabled) return 1;
    if (kind === 'renewal') return renewSessionWeight;
    return kind === 'local' ? localSessionWeight : globalSessionWeight;
  }
}

/** What a client comes for: a session of all servers, one of this server alone, or the one it has. */
export type ConnectionKind = 'global' | 'local' | 'renewal';

const CHANCES = 2 ** 32;

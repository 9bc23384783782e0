/**
 * What the nodes `zookeeper_limits` and `zookeeper_stats` hold (StatsTrack): `count=3,bytes=40`, with hard limits
 * `count=-1,bytes=-1=;byteHardLimit=100;countHardLimit=5`. -1 is no limit, and what is not there.
 */
export class QuotaText {
  readonly #values: Map<string, number>;

  private constructor(values: Map<string, number>) {
    this.#values = values;
  }

  static of(count: number, bytes: number): QuotaText {
    return new QuotaText(
      new Map([
        ['count', count],
        ['bytes', bytes],
      ]),
    );
  }

  /** Undefined where the text is nonsense; Apache dies of that when it counts (see DIVERGENCE). */
  static parse(data: Uint8Array | null): QuotaText | undefined {
    if (data === null) return undefined;
    const values = new Map<string, number>();
    if (data.length === 0) return new QuotaText(values);
    if (data.length > TEXT_MAX) return undefined;
    const pairs = String.fromCharCode(...data).split(/[,;]+/);
    // Java's split drops empty strings at the end.
    if (pairs[pairs.length - 1] === '') pairs.pop();
    for (const pair of pairs) {
      const [key, value] = pair.split('=') as [string, string | undefined];
      if (value === undefined || !(/^[+-]?\d{1,18}$/.test(value) || (value === '' && /=.*[^=]/.test(pair))))
        return undefined;
      values.set(key, value === '' ? -1 : Number(value));
    }
    return new QuotaText(values);
  }

  get count(): number {
    return this.#get('count');
  }

  get bytes(): number {
    return this.#get('bytes');
  }

  get countHardLimit(): number {
    return this.#get('countHardLimit');
  }

  get byteHardLimit(): number {
    return this.#get('byteHardLimit');
  }

  /** The same text with more nodes and bytes. */
  plus(count: number, bytes: number): QuotaText {
    const values = new Map(this.#values);
    values.set('count', this.count + count);
    values.set('bytes', this.bytes + bytes);
    return new QuotaText(values);
  }

  /** Count and bytes first, then an extra `=` before all else: so that 3.4 can still read it. */
  toString(): string {
    const others = [...this.#values.keys()].filter((key) => key !== 'count' && key !== 'bytes').toSorted();
    const head = `count=${this.count},bytes=${this.bytes}`;
    return others.length === 0
      ? head
      : `${head}=${others.map((key) => `;${key}=${this.#values.get(key)}`).join('')}`;
  }

  #get(key: string): number {
    return this.#values.get(key) ?? -1;
  }
}

/** Far more than five numbers with their names take. */
const TEXT_MAX = 1024;

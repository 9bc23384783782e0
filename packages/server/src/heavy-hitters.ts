/**
 * The keys that come up most of late, of any number, in little memory: SpaceSaving (Metwally), whose newcomers drive out the
 * lightest, with the admission of Ben Basat and others: only one in so many as the lightest has come up is let in. So what
 * makes up a good part of all is there, and where keys are many and light most of them cost a look. The window slides by
 * halves: what is told covers the last half of it at least, and the whole of it at most.
 */
export class HeavyHitters {
  readonly #keysMax: number;
  readonly #halfMs: number;
  #now: Sketch;
  #before: Sketch;
  #turnsAt: number;

  /** @param now monotonic milliseconds, as everywhere here */
  constructor(keysMax: number, windowMs: number, now: number) {
    this.#keysMax = keysMax;
    this.#halfMs = windowMs / 2;
    this.#now = new Sketch(keysMax, now);
    this.#before = new Sketch(keysMax, now);
    this.#turnsAt = now + this.#halfMs;
  }

  /** @param weight of how many alike this one was drawn @param bytes of all of those */
  add(key: string, weight: number, bytes: number, now: number): void {
    if (now >= this.#turnsAt) this.#turn(now);
    this.#now.add(key, weight, bytes);
  }

  /** The heaviest, heaviest first. */
  top(count: number, now: number): readonly HeavyHitter[] {
    if (now >= this.#turnsAt) this.#turn(now);
    const all = new Map<string, HeavyHitter>();
    for (const sketch of [this.#before, this.#now])
      for (const { key, count: ofKey, bytes, overcount } of sketch.entries) {
        const before = all.get(key);
        all.set(key, {
          key,
          count: ofKey + (before?.count ?? 0),
          bytes: bytes + (before?.bytes ?? 0),
          overcount: overcount + (before?.overcount ?? 0),
        });
      }
    return [...all.values()].toSorted((a, b) => b.count - a.count).slice(0, count);
  }

  /** What all keys together came to. */
  total(now: number): { readonly count: number; readonly sinceMs: number } {
    if (now >= this.#turnsAt) this.#turn(now);
    return { count: this.#before.total + this.#now.total, sinceMs: now - this.#before.since };
  }

  #turn(now: number): void {
    const isLate = now >= this.#turnsAt + this.#halfMs;
    const since = isLate ? now : this.#turnsAt;
    this.#before = isLate ? new Sketch(this.#keysMax, now) : this.#now;
    this.#now = new Sketch(this.#keysMax, since);
    this.#turnsAt = since + this.#halfMs;
  }
}

export interface HeavyHitter {
  readonly key: string;
  readonly count: number;
  readonly bytes: number;
  /** What `count` began with: that of a key it has driven out. */
  readonly overcount: number;
}

class Sketch {
  readonly since: number;
  total = 0;
  readonly #keysMax: number;
  readonly #byKey = new Map<string, Entry>();
  readonly #entries: Entry[] = [];
  /** No count is below it. Many are at it where keys are many: the next of those is found where the last one was. */
  #floor = 0;
  #at = 0;
  #dice = 1;

  constructor(keysMax: number, since: number) {
    this.#keysMax = keysMax;
    this.since = since;
  }

  add(key: string, weight: number, bytes: number): void {
    this.total += weight;
    const entry = this.#byKey.get(key) ?? this.#enter(key, weight);
    if (entry === undefined) return;
    entry.count += weight;
    entry.bytes += bytes;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Undefined where it is not let in this time. */
  #enter(key: string, weight: number): Entry | undefined {
    if (this.#entries.length < this.#keysMax) {
      const entry = new Entry(key);
      this.#byKey.set(key, entry);
      this.#entries.push(entry);
      return entry;
    }
    if (this.#draw() * (this.#floor + weight) >= weight) return undefined;
    const at = this.#lightest();
    const before = this.#entries[at]!;
    const entry = new Entry(key);
    this.#byKey.delete(before.key);
    this.#byKey.set(key, entry);
    entry.count = entry.overcount = before.count;
    this.#entries[at] = entry;
    return entry;
  }

  /** 0 or more and less than 1: Numerical Recipes' generator, whose upper bits are good enough. */
  #draw(): number {
    this.#dice = (Math.imul(this.#dice, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#dice / 0x1_0000_0000;
  }

  #lightest(): number {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i++) {
      if (++this.#at >= entries.length) this.#at = 0;
      if (entries[this.#at]!.count <= this.#floor) return this.#at;
    }
    let lightest = 0;
    for (let i = 1; i < entries.length; i++) if (entries[i]!.count < entries[lightest]!.count) lightest = i;
    this.#floor = entries[lightest]!.count;
    return (this.#at = lightest);
  }
}

class Entry {
  readonly key: string;
  count = 0;
  bytes = 0;
  overcount = 0;

  constructor(key: string) {
    this.key = key;
  }
}

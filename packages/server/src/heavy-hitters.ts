/**
 * The keys that come up most of late, of any number, in little memory (Metwally's SpaceSaving): whatever makes up more than
 * one part in `keysMax` of all is among them. The window slides by halves: what is told covers the last half of it at
 * least, and the whole of it at most.
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
      for (const { key, count: ofKey, bytes, overcount } of sketch.entries()) {
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
  /** By so much at most `count` is too high. */
  readonly overcount: number;
}

class Sketch {
  readonly since: number;
  total = 0;
  readonly #keysMax: number;
  readonly #byKey = new Map<string, Entry>();

  constructor(keysMax: number, since: number) {
    this.#keysMax = keysMax;
    this.since = since;
  }

  add(key: string, weight: number, bytes: number): void {
    this.total += weight;
    let entry = this.#byKey.get(key);
    if (entry === undefined) {
      entry = this.#byKey.size < this.#keysMax ? new Entry(key) : this.#replaceLightest(key);
      this.#byKey.set(key, entry);
    }
    entry.count += weight;
    entry.bytes += bytes;
  }

  entries(): Iterable<Entry> {
    return this.#byKey.values();
  }

  /** The new key takes the count of the one it drives out: it may have come up as often, unseen. */
  #replaceLightest(key: string): Entry {
    let lightest: Entry | undefined;
    for (const entry of this.#byKey.values())
      if (lightest === undefined || entry.count < lightest.count) lightest = entry;
    this.#byKey.delete(lightest!.key);
    const entry = new Entry(key);
    entry.count = entry.overcount = lightest!.count;
    return entry;
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

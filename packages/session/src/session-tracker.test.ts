import { describe, expect, it } from 'vitest';
import { type Session, SessionTracker } from './index.ts';

const TICK = 2000;

describe('a session', () => {
  it.each([
    // [touched at, timeout, expires at]: (floor((touched + timeout) / tick) + 1) * tick
    [0, 4000, 6000],
    [1, 4000, 6000],
    [1999, 4000, 6000],
    [2000, 4000, 8000],
    [100, 4900, 6000],
    [100, 5899, 6000],
    [100, 5900, 8000],
    [0.5, 1999.5, 4000],
    [123_456, 40_000, 164_000],
  ])('touched at %d with a timeout of %d ms expires at %d', (touchedAt, timeoutMs, expiresAt) => {
    const tracker = trackerAt(touchedAt);
    const session = tracker.add(1n, timeoutMs, touchedAt);
    expect([...tracker.expirySets().keys()]).toEqual([expiresAt]);
    expect(run(tracker, touchedAt, expiresAt - 1)).toEqual([]);
    expect(run(tracker, expiresAt - 1, expiresAt)).toEqual([session]);
  });

  it('lives on when it is touched, and no longer than that', () => {
    const tracker = trackerAt(0);
    const session = tracker.add(1n, 4000, 0);
    for (let now = 0; now < 60_000; now += 3999) {
      expect(tracker.touch(session, now)).toBe(true);
      expect(run(tracker, now, now + 3999)).toEqual([]);
    }
    expect(run(tracker, 60_000, 70_000)).toEqual([session]);
  });

  it('that has expired is closing, cannot be touched and does not expire again, but is known until removed', () => {
    const tracker = trackerAt(0);
    const session = tracker.add(1n, 4000, 0);
    expect(run(tracker, 0, 6000)).toEqual([session]);
    expect(session.isClosing).toBe(true);
    expect(tracker.touch(session, 6000)).toBe(false);
    expect(tracker.get(1n)).toBe(session);
    expect(run(tracker, 6000, 60_000)).toEqual([]);
    expect(tracker.remove(1n)).toBe(session);
    expect(tracker.get(1n)).toBeUndefined();
    expect(tracker.remove(1n)).toBeUndefined();
  });

  it('that is being closed neither expires nor can be touched (ZOOKEEPER-1208)', () => {
    const tracker = trackerAt(0);
    const session = tracker.add(1n, 4000, 0);
    tracker.setClosing(session);
    expect(tracker.touch(session, 100)).toBe(false);
    expect(run(tracker, 0, 60_000)).toEqual([]);
    expect(tracker.size).toBe(1);
  });

  it('that was removed cannot be touched back to life by a connection that still holds it', () => {
    const tracker = trackerAt(0);
    const session = tracker.add(1n, 4000, 0);
    tracker.remove(1n);
    expect(tracker.touch(session, 100)).toBe(false);
    expect(run(tracker, 0, 60_000)).toEqual([]);
    expect(tracker.size).toBe(0);
  });

  it('that is added again is touched and stays the same', () => {
    const tracker = trackerAt(0);
    const session = tracker.add(1n, 4000, 0);
    run(tracker, 0, 3000);
    expect(tracker.add(1n, 30_000, 3000)).toBe(session);
    expect(session.timeoutMs).toBe(4000);
    expect([...tracker.expirySets().keys()]).toEqual([8000]);
    expect(tracker.size).toBe(1);
  });

  it.each([
    [40_000, 4000, 6000],
    [4000, 40_000, 42_000],
  ])(
    'whose timeout is negotiated anew, from %d to %d ms, expires by the new one',
    (before, after, expiresAt) => {
      const tracker = trackerAt(0);
      const session = tracker.add(1n, before, 0);
      session.timeoutMs = after;
      tracker.touch(session, 100);
      expect(run(tracker, 0, expiresAt - 1)).toEqual([]);
      expect(run(tracker, expiresAt - 1, expiresAt)).toEqual([session]);
      expect(run(tracker, expiresAt, 60_000)).toEqual([]);
    },
  );

  it('belongs to the first that claims it, and to another only when it is given to it', () => {
    const tracker = new SessionTracker<string>({ tickMs: TICK, now: 0 });
    const session = tracker.add(1n, 4000, 0);
    expect(session.claim('a connection')).toBe(true);
    expect(session.claim('another')).toBe(false);
    expect(session.claim('a connection')).toBe(true);
    session.owner = 'another';
    expect(session.claim('a connection')).toBe(false);
  });
});

describe('a session tracker', () => {
  it('expires in batches, each session in the one of its tick', () => {
    const tracker = trackerAt(0);
    for (let id = 1n; id <= 100n; id++) tracker.add(id, 4000 + Number(id) * 100, 0);
    const batches = [];
    for (let now = 0; now <= 20_000; now += tracker.pulseMs) {
      const expired = tracker.tick(now);
      if (expired.length > 0) batches.push([now, expired.length]);
    }
    expect(batches).toEqual([
      [6000, 19],
      [8000, 20],
      [10_000, 20],
      [12_000, 20],
      [14_000, 20],
      [16_000, 1],
    ]);
  });

  it('lists the open sessions by the time they expire at', () => {
    const tracker = trackerAt(0);
    const [a, b, c, closing] = [4000, 9000, 4100, 4200].map((timeout, i) =>
      tracker.add(BigInt(i), timeout, 0),
    );
    tracker.setClosing(closing!);
    expect([...tracker.expirySets()]).toEqual([
      [6000, [a, c]],
      [10_000, [b]],
    ]);
    expect([...tracker.sessions()]).toEqual([a, b, c, closing]);
  });

  it('keeps the deadline of a session that is touched with a time a little in the past', () => {
    const tracker = trackerAt(0);
    run(tracker, 0, 8000);
    const session = tracker.add(1n, 0, 5000);
    expect(run(tracker, 8000, 9999)).toEqual([]);
    expect(run(tracker, 9999, 10_000)).toEqual([session]);
  });

  it('refuses a tick that is none', () => {
    for (const tickMs of [0, -1, Number.NaN])
      expect(() => new SessionTracker({ tickMs, now: 0 })).toThrow(RangeError);
  });

  it.each([1, 2, 3, 4, 5])(
    'expires what a plain list of deadlines would, whatever happens (seed %i)',
    (seed) => {
      const random = randomOf(seed);
      const tracker = trackerAt(0);
      const deadlines = new Map<Session<string>, number>();
      let now = 0;
      let expirations = 0;
      for (let step = 0; step < 5000; step++) {
        now += random(400);
        const expired = tracker.tick(now);
        const due = [...deadlines].filter(([, deadline]) => deadline <= now).map(([session]) => session);
        expect(new Set(expired)).toEqual(new Set(due));
        expect(expired.length).toBe(due.length);
        for (const session of due) deadlines.delete(session);
        expirations += due.length;

        const session = tracker.add(BigInt(random(40)), 4000 + random(36_000), now);
        if (random(10) === 0) session.timeoutMs = 4000 + random(36_000);
        const fate = random(20);
        if (fate === 0) tracker.remove(session.id);
        if (fate === 1) tracker.setClosing(session);
        if (tracker.touch(session, now)) {
          deadlines.set(session, (Math.floor((now + session.timeoutMs) / TICK) + 1) * TICK);
        } else {
          deadlines.delete(session);
          tracker.remove(session.id);
        }
      }
      expect(expirations).toBeGreaterThan(20);
    },
  );
});

describe('a stall of the server', () => {
  it.each([5000, 60_000, 86_400_000])(
    'of %d ms costs a session half a tick of its timeout and no more',
    (stallMs) => {
      const tracker = trackerAt(0);
      const session = tracker.add(1n, 4000, 0);
      const woken = 1000 + stallMs;
      expect(run(tracker, 0, 1000)).toEqual([]);
      expect(tracker.tick(woken)).toEqual([]);
      // Of the six seconds it had at most, one was over and one counts for the stall.
      expect(tracker.stalledMs).toBe(stallMs - TICK / 2);
      expect([...tracker.expirySets().keys()]).toEqual([woken + 4000]);
      expect(run(tracker, woken, woken + 3999)).toEqual([]);
      expect(run(tracker, woken + 3999, woken + 4000)).toEqual([session]);
    },
  );

  it('expires nobody whose ping waited unread', () => {
    const tracker = trackerAt(0);
    const sessions = Array.from({ length: 1000 }, (_, i) => tracker.add(BigInt(i), 4000, i));
    expect(run(tracker, 1000, 2300)).toEqual([]);
    expect(tracker.tick(60_000)).toEqual([]);
    for (const session of sessions) expect(tracker.touch(session, 60_001)).toBe(true);
  });

  it('gives a client that was lost before it no more than its timeout and a tick of running time', () => {
    const tracker = trackerAt(0);
    const lost = tracker.add(1n, 10_000, 0);
    let ran = 0;
    let now = 0;
    // Every second it stands still for three.
    while (!lost.isClosing) {
      for (let pulses = 0; pulses < 5 && !lost.isClosing; pulses++) {
        now += tracker.pulseMs;
        ran += tracker.pulseMs;
        tracker.tick(now);
      }
      now += 3000;
    }
    expect(ran).toBeLessThanOrEqual(10_000 + TICK);
  });

  it('does not lengthen the deadline of what is touched after it but before the next tick', () => {
    const tracker = trackerAt(0);
    const session = tracker.add(1n, 4000, 0);
    run(tracker, 0, 1000);
    tracker.touch(session, 61_000);
    expect(run(tracker, 61_000, 66_000)).toEqual([]);
    expect(run(tracker, 66_000, 68_000)).toEqual([session]);
  });

  it('does not count when a pulse is merely late', () => {
    const tracker = trackerAt(0);
    tracker.add(1n, 4000, 0);
    for (let now = 0; now <= 5000; now += TICK / 2) tracker.tick(now);
    expect(tracker.stalledMs).toBe(0);
  });

  it('is told by the pulse of a host, also with a tick of a few milliseconds', () => {
    for (const tickMs of [1, 3, 10, 100, 2000]) {
      const tracker = new SessionTracker({ tickMs, now: 0 });
      for (let now = 0; now < 100 * tickMs; now += tracker.pulseMs) tracker.tick(now);
      expect(tracker.stalledMs).toBe(0);
    }
  });
});

function trackerAt(now: number): SessionTracker<string> {
  return new SessionTracker<string>({ tickMs: TICK, now });
}

/** Pulses from `from` to `to`, as a host would, and what expired. */
function run(tracker: SessionTracker<string>, from: number, to: number): Session<string>[] {
  const expired: Session<string>[] = [];
  for (let now = from; now < to; now += tracker.pulseMs) expired.push(...tracker.tick(now));
  expired.push(...tracker.tick(to));
  return expired;
}

function randomOf(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((state >>> 0) / 2 ** 32) * bound);
  };
}

import { SimulatedClock } from '@corral/runtime/simulated';
import { describe, expect, test } from 'vitest';
import { defaultServerConfig } from '../config.ts';
import { answerFourLetterWord } from './answer.ts';
import type { ServerView } from './server-view.ts';
import { fourLetterWords, type FourLetterWord } from './words.ts';

/** One end of a connection whose reader takes as many writes as it was told to, and then stops reading. */
class Reader {
  readonly remote = { host: '127.0.0.1', port: 49452 };
  writes: Uint8Array[] = [];
  isPaused = false;
  ending: 'open' | 'ended' | 'destroyed' = 'open';
  #takes: number;

  constructor(takes = Number.POSITIVE_INFINITY) {
    this.#takes = takes;
  }

  write(bytes: Uint8Array): boolean {
    this.writes.push(bytes);
    return --this.#takes >= 0;
  }

  pause(): void {
    this.isPaused = true;
  }

  end(): void {
    this.ending = 'ended';
  }

  destroy(): void {
    this.ending = 'destroyed';
  }

  get text(): string {
    return Buffer.concat(this.writes).toString('utf8');
  }
}

const view = { isServing: true, config: defaultServerConfig } as ServerView;
const ruok = fourLetterWords.find((word) => word.name === 'ruok')!;
const hash = fourLetterWords.find((word) => word.name === 'hash')!;

/** 100,000 lines of 100 characters: about 10 MB. */
const long: FourLetterWord = { name: 'wchp', reads: true, answer: () => lines() };
let linesMade = 0;
function* lines(): Iterable<string> {
  linesMade = 0;
  for (let i = 0; i < 100_000; i++) {
    linesMade++;
    yield `${String(i).padStart(99, '/')}\n`;
  }
}

describe('the answer of a word', () => {
  test('is sent and the connection ended', async () => {
    const clock = new SimulatedClock(0);
    const reader = new Reader();
    answerFourLetterWord(ruok, view, reader, clock, 10_000, () => {});
    await clock.advanceAsync(0);
    expect([reader.text, reader.ending]).toEqual(['imok', 'ended']);
  });

  test('goes on to a caller that has closed its own side: nothing is read any more', () => {
    const reader = new Reader();
    answerFourLetterWord(long, view, reader, new SimulatedClock(0), 10_000, () => {});
    expect(reader.isPaused).toBe(true);
  });

  test('is the refusal where the caller may not ask', async () => {
    const clock = new SimulatedClock(0);
    const reader = new Reader();
    const closed = { ...view, config: { ...defaultServerConfig, fourLetterWordsOnLoopback: false } };
    answerFourLetterWord(ruok, closed, reader, clock, 10_000, () => {});
    await clock.advanceAsync(0);
    expect([reader.text, reader.ending]).toEqual([
      'ruok is not executed because it is not in the whitelist.\n',
      'ended',
    ]);
  });

  test('is the sentence that the server does not serve, while it does not', async () => {
    const clock = new SimulatedClock(0);
    const reader = new Reader();
    answerFourLetterWord(hash, { ...view, isServing: false }, reader, clock, 10_000, () => {});
    await clock.advanceAsync(0);
    expect(reader.text).toBe('This ZooKeeper instance is not currently serving requests');
  });

  test('is UTF-8, also outside the basic plane', async () => {
    const clock = new SimulatedClock(0);
    const reader = new Reader();
    answerFourLetterWord(
      { name: 'wchp', reads: true, answer: () => ['/ä/😀\n'] },
      view,
      reader,
      clock,
      10_000,
      () => {},
    );
    await clock.advanceAsync(0);
    expect(reader.text).toBe('/ä/😀\n');
  });

  test('that is long comes in slices of a bounded size, and others have their turn between two', async () => {
    const clock = new SimulatedClock(0);
    const reader = new Reader();
    const seen: number[] = [];
    answerFourLetterWord(long, view, reader, clock, 10_000, () => {});
    const look = (): void => {
      seen.push(reader.writes.length);
      if (reader.ending === 'open') clock.defer(look);
    };
    clock.defer(look);
    await clock.advanceAsync(0);
    expect(reader.text.length).toBe(10_000_000);
    expect(Math.max(...reader.writes.map((bytes) => bytes.length))).toBeLessThan(70_000);
    const [first = 0] = seen;
    expect(seen).toEqual(seen.map((_, turn) => Math.min(first + turn, reader.writes.length)));
  });

  test('waits for a reader that does not read, with one slice made', async () => {
    const clock = new SimulatedClock(0);
    const reader = new Reader(2);
    const answer = answerFourLetterWord(long, view, reader, clock, 10_000, () => {});
    await clock.advanceAsync(5000);
    expect([reader.writes.length, reader.ending]).toEqual([3, 'open']);
    expect(linesMade).toBeLessThan(2100);
    answer.onDrain();
    expect(reader.writes.length).toBe(4);
  });

  test('is cut when it is not taken in time', async () => {
    const clock = new SimulatedClock(0);
    const reader = new Reader(0);
    answerFourLetterWord(long, view, reader, clock, 10_000, () => {});
    await clock.advanceAsync(9999);
    expect(reader.ending).toBe('open');
    await clock.advanceAsync(1);
    expect(reader.ending).toBe('destroyed');
  });

  test('is no longer made once the connection is closed', async () => {
    const clock = new SimulatedClock(0);
    const reader = new Reader(1);
    const answer = answerFourLetterWord(long, view, reader, clock, 10_000, () => {});
    await clock.advanceAsync(0);
    answer.onClose();
    answer.onDrain();
    await clock.advanceAsync(20_000);
    expect([reader.writes.length, reader.ending]).toEqual([2, 'open']);
  });

  test('that cannot be made closes the connection', async () => {
    const clock = new SimulatedClock(0);
    const reader = new Reader();
    const broken: FourLetterWord = {
      name: 'dirs',
      reads: true,
      answer: () => Promise.reject(new Error('EIO')),
    };
    answerFourLetterWord(broken, view, reader, clock, 10_000, () => {});
    await clock.advanceAsync(0);
    expect([reader.text, reader.ending]).toEqual(['', 'destroyed']);
  });
});

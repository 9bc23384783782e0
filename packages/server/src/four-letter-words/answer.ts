import { JuteWriter } from '@corral/jute';
import type { Clock, Timer } from '@corral/runtime';
import type { Connection } from '@corral/transport';
import { isAnswered, refusal } from './access.ts';
import type { ServerView, StandingView } from './server-view.ts';
import type { FourLetterWord } from './words.ts';

/** Bytes (roughly: UTF-16 units) of an answer made and sent before others have their turn. */
const SLICE_LENGTH_MAX = 64 * 1024;
/** Pieces of an answer made before others have their turn, whatever their length. */
const SLICE_PIECES_MAX = 2000;

/**
 * Sends a word's answer over its connection and ends it. What may be long is made in slices: a slice waits until
 * the one before has left, so a slow reader costs one slice of memory and no time.
 *
 * The connection's owner passes `onDrain` and `onClose` on. Nothing more is read from it: callers such as netcat
 * close their sending side at once, and to hear of that would end the connection before the answer is out.
 *
 * @param deadlineMs after it the connection is cut, whatever is still unsent
 * @param sent is told of each slice, so that an answer never counts itself among what was sent
 */
export function answerFourLetterWord(
  word: FourLetterWord,
  view: StandingView,
  connection: AnswerConnection,
  clock: Clock,
  deadlineMs: number,
  sent: () => void,
): FourLetterAnswer {
  return new SlicedAnswer(word, view, connection, clock, deadlineMs, sent);
}

export interface FourLetterAnswer {
  onDrain(): void;
  onClose(): void;
}

type AnswerConnection = Pick<Connection, 'write' | 'pause' | 'end' | 'destroy' | 'remote'>;

class SlicedAnswer implements FourLetterAnswer {
  readonly #connection: AnswerConnection;
  readonly #clock: Clock;
  readonly #deadline: Timer;
  readonly #sent: () => void;
  #pieces: Iterator<string> | undefined;
  #hasEnded = false;

  constructor(
    word: FourLetterWord,
    view: StandingView,
    connection: AnswerConnection,
    clock: Clock,
    deadlineMs: number,
    sent: () => void,
  ) {
    this.#connection = connection;
    this.#sent = sent;
    this.#clock = clock;
    this.#deadline = clock.after(deadlineMs, () => this.#cut());
    connection.pause();
    void this.#begin(word, view, connection.remote.host);
  }

  onDrain(): void {
    this.#sendSlice();
  }

  onClose(): void {
    this.#hasEnded = true;
    this.#deadline.cancel();
    this.#pieces?.return?.();
  }

  async #begin(word: FourLetterWord, view: StandingView, remoteHost: string): Promise<void> {
    try {
      this.#pieces = (await piecesOf(word, view, remoteHost))[Symbol.iterator]();
      this.#sendSlice();
    } catch {
      // `sizes` failed: the medium's trouble is reported where it is noticed, not here.
      this.#cut();
    }
  }

  #sendSlice(): void {
    if (this.#hasEnded || this.#pieces === undefined) return;
    let slice = '';
    let isLast = false;
    for (let pieces = 0; slice.length < SLICE_LENGTH_MAX && pieces < SLICE_PIECES_MAX; pieces++) {
      const next = this.#pieces.next();
      if (next.done === true) {
        isLast = true;
        break;
      }
      slice += next.value;
    }
    const hasLeft = slice === '' || this.#write(slice);
    if (isLast) this.#connection.end();
    else if (hasLeft) this.#clock.defer(() => this.#sendSlice());
  }

  #write(slice: string): boolean {
    this.#sent();
    return this.#connection.write(encode(slice));
  }

  #cut(): void {
    if (!this.#hasEnded) this.#connection.destroy();
  }
}

function piecesOf(
  word: FourLetterWord,
  view: StandingView,
  remoteHost: string,
): Iterable<string> | Promise<Iterable<string>> {
  if (!isAnswered(word, view.config, remoteHost)) return [refusal(word)];
  if (!view.isServing && word.notServing !== undefined) return [word.notServing];
  // What is answered while there is no more to see asks for no more.
  return word.answer(view as ServerView);
}

function encode(text: string): Uint8Array {
  const writer = new JuteWriter(4 + text.length);
  writer.writeString(text);
  return writer.bytes(LENGTH_BYTES);
}

/** What a jute string has in front of its text. */
const LENGTH_BYTES = 4;

import type { Clock } from '@corral/runtime';
import type { Connection, ConnectionHandler } from '@corral/transport';
import {
  answerFourLetterWord,
  type FourLetterAnswer,
  fourLetterWordOf,
  type StandingView,
} from '../four-letter-words/index.ts';

/**
 * The client port while this server serves nobody, because it looks for a leader or catches up with one: it answers
 * four-letter words, most of them with just that, and closes everything else. Clients try another member.
 */
export class IdlePort {
  readonly #view: StandingView;
  readonly #clock: Clock;
  readonly #connections = new Set<IdleConnection>();

  constructor(view: StandingView, clock: Clock) {
    this.#view = view;
    this.#clock = clock;
  }

  /** @throws RangeError where there is no room for it; the transport closes it then */
  accept(link: Connection): ConnectionHandler {
    if (this.#connections.size >= CONNECTIONS_MAX) throw new RangeError('too many connections');
    const connection = new IdleConnection(link, this.#view, this.#clock, () =>
      this.#connections.delete(connection),
    );
    this.#connections.add(connection);
    return connection;
  }

  close(): void {
    for (const connection of this.#connections) connection.link.destroy();
  }
}

class IdleConnection implements ConnectionHandler {
  readonly link: Connection;
  readonly #view: StandingView;
  readonly #clock: Clock;
  readonly #gone: () => void;
  readonly #deadline: { cancel(): void };
  readonly #first: number[] = [];
  #answer: FourLetterAnswer | undefined = undefined;

  constructor(link: Connection, view: StandingView, clock: Clock, gone: () => void) {
    this.link = link;
    this.#view = view;
    this.#clock = clock;
    this.#gone = gone;
    this.#deadline = clock.after(view.config.sessionlessCnxnTimeout, () => link.destroy());
  }

  onData(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (this.#first.length < WORD_BYTES) this.#first.push(byte);
    }
    if (this.#first.length < WORD_BYTES || this.#answer !== undefined) return;
    const [a, b, c, d] = this.#first as [number, number, number, number];
    const word = fourLetterWordOf((a << 24) | (b << 16) | (c << 8) | d);
    if (word === undefined) {
      this.link.destroy();
      return;
    }
    const { config } = this.#view;
    this.#answer = answerFourLetterWord(
      word,
      this.#view,
      this.link,
      this.#clock,
      config.sessionlessCnxnTimeout,
      () => {},
    );
  }

  onDrain(): void {
    this.#answer?.onDrain();
  }

  onClose(): void {
    this.#deadline.cancel();
    this.#answer?.onClose();
    this.#gone();
  }
}

const WORD_BYTES = 4;
const CONNECTIONS_MAX = 1024;

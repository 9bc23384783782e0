import { type InitialMessage, InitialMessageReader } from '@corral/protocol';
import type { Clock, Timer } from '@corral/runtime';
import type { Connection, ConnectionHandler, TransportError } from '@corral/transport';
import { messageOf } from './election-link.ts';

export interface ElectionGreetingOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  /** Milliseconds until it must have said who it is. */
  readonly timeoutMs: number;
  /** It has said who it is. @returns who hears what follows; undefined where nobody wants to */
  readonly onGreeted: (message: InitialMessage, connection: Connection) => ConnectionHandler | undefined;
  /** It ended before that; told once. */
  readonly onFailed: (greeting: ElectionGreeting, reason: string) => void;
}

/** A connection that was accepted and has not said yet who it is: its initial message, by a deadline. */
export class ElectionGreeting implements ConnectionHandler {
  readonly connection: Connection;
  readonly #options: ElectionGreetingOptions;
  readonly #reader = new InitialMessageReader();
  readonly #deadline: Timer;
  #next: ConnectionHandler | undefined = undefined;
  #isOver = false;

  constructor(options: ElectionGreetingOptions) {
    this.connection = options.connection;
    this.#options = options;
    this.#deadline = options.clock.after(options.timeoutMs, () => this.fail('it does not say who it is'));
  }

  fail(reason: string): void {
    if (this.#isOver) return;
    this.#end();
    this.connection.destroy();
    this.#options.onFailed(this, reason);
  }

  onData(chunk: Uint8Array): void {
    if (this.#isOver) {
      this.#next?.onData(chunk);
      return;
    }
    let message: InitialMessage | undefined;
    try {
      message = this.#reader.push(chunk);
    } catch (cause) {
      this.fail(messageOf(cause));
      return;
    }
    if (message === undefined) return;
    this.#end();
    this.#next = this.#options.onGreeted(message, this.connection);
    const rest = this.#reader.rest();
    if (rest.length > 0) this.#next?.onData(rest);
  }

  onDrain(): void {
    this.#next?.onDrain();
  }

  onClose(error?: TransportError): void {
    if (this.#isOver) this.#next?.onClose(error);
    else this.fail(error?.message ?? 'it has closed before it said who it is');
  }

  #end(): void {
    this.#isOver = true;
    this.#deadline.cancel();
  }
}

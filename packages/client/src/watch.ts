/// <reference lib="esnext.disposable" preserve="true" />
import { EventType } from '@corral/protocol';
import type { WatchEvent } from './watch-event.ts';
import type { Watcher } from './watch-registry.ts';

/** Events that nobody takes are kept up to so many; then they are dropped for one `resync`. */
const EVENTS_KEPT_MAX = 10_000;

/** The events of a persistent watch, in order, until it is closed: by leaving the loop, `close`, or its signal. */
export interface Watch extends AsyncIterableIterator<WatchEvent> {
  /** The server has it: what happens from here on is told. Rejects where it cannot be had. */
  readonly ready: Promise<void>;
  /** Takes it away, here and at the server. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A queue between those who bring events and the one who takes them. */
export class EventQueue implements Watcher, Watch {
  readonly ready: Promise<void>;
  readonly #path: string;
  readonly #strip: (serverPath: string) => string;
  readonly #onClose: () => Promise<void>;
  readonly #ready = Promise.withResolvers<void>();
  #events: WatchEvent[] = [];
  #takers: PromiseWithResolvers<IteratorResult<WatchEvent>>[] = [];
  #closing: Promise<void> | undefined = undefined;
  #error: { reason: unknown } | undefined = undefined;

  /** @param onClose takes the watch away, once */
  constructor(path: string, strip: (serverPath: string) => string, onClose: () => Promise<void>) {
    this.#path = path;
    this.#strip = strip;
    this.#onClose = onClose;
    this.ready = this.#ready.promise;
    // Who does not wait for it hears of a failure from the iterator.
    this.ready.catch(doNothing);
  }

  isReady(): void {
    this.#ready.resolve();
  }

  fire(eventType: number, serverPath: string, zxid: number): void {
    const event = watchEvent(eventType, this.#strip(serverPath), zxid);
    if (event !== undefined) this.#put(event);
  }

  resync(): void {
    this.#put({ type: 'resync', path: this.#path });
  }

  fail(reason: unknown): void {
    if (this.#closing !== undefined || this.#error !== undefined) return;
    this.#error = { reason };
    this.#ready.reject(reason);
    const [first, ...others] = this.#takers;
    this.#takers = [];
    first?.reject(reason);
    for (const taker of others) taker.resolve(DONE);
  }

  next(): Promise<IteratorResult<WatchEvent>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#closing !== undefined) return Promise.resolve(DONE);
    if (this.#error !== undefined) return Promise.reject(this.#error.reason);
    const taker = Promise.withResolvers<IteratorResult<WatchEvent>>();
    this.#takers.push(taker);
    return taker.promise;
  }

  async return(): Promise<IteratorResult<WatchEvent>> {
    await this.close();
    return DONE;
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#onClose();
      this.#ready.resolve();
      this.#events = [];
      for (const taker of this.#takers) taker.resolve(DONE);
      this.#takers = [];
    }
    return this.#closing;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #put(event: WatchEvent): void {
    if (this.#closing !== undefined) return;
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker.resolve({ done: false, value: event });
    if (this.#events.length >= EVENTS_KEPT_MAX) this.#events = [{ type: 'resync', path: this.#path }];
    else if (event.type !== 'resync' || this.#events.at(-1)?.type !== 'resync') this.#events.push(event);
  }
}

/** A one-shot watch: what the first event is. */
export class OneShotWatch implements Watcher {
  readonly changed: Promise<WatchEvent>;
  readonly #changed = Promise.withResolvers<WatchEvent>();
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.changed = this.#changed.promise;
    this.changed.catch(doNothing);
  }

  fire(eventType: number, _serverPath: string, zxid: number): void {
    this.#changed.resolve(watchEvent(eventType, this.#path, zxid) ?? { type: 'resync', path: this.#path });
  }

  resync(): void {
    this.#changed.resolve({ type: 'resync', path: this.#path });
  }

  fail(reason: Error): void {
    this.#changed.reject(reason);
  }
}

/** A watch that calls back. What the listener throws is thrown again where nobody can mistake it for an answer. */
export class ListeningWatch implements Watcher {
  readonly #path: string;
  readonly #strip: (serverPath: string) => string;
  readonly #listener: (event: WatchEvent) => void;
  readonly #onFail: (reason: Error) => void;

  constructor(
    path: string,
    strip: (serverPath: string) => string,
    listener: (event: WatchEvent) => void,
    onFail: (reason: Error) => void,
  ) {
    this.#path = path;
    this.#strip = strip;
    this.#listener = listener;
    this.#onFail = onFail;
  }

  fire(eventType: number, serverPath: string, zxid: number): void {
    const event = watchEvent(eventType, this.#strip(serverPath), zxid);
    if (event !== undefined) this.#call(event);
  }

  resync(): void {
    this.#call({ type: 'resync', path: this.#path });
  }

  fail(reason: Error): void {
    this.#onFail(reason);
  }

  #call(event: WatchEvent): void {
    try {
      this.#listener(event);
    } catch (error) {
      void Promise.reject(error);
    }
  }
}

function watchEvent(eventType: number, path: string, zxid: number): WatchEvent | undefined {
  const type = TYPES[eventType];
  return type === undefined ? undefined : { type, path, zxid: BigInt(zxid) };
}

function doNothing(): void {}

const DONE: IteratorResult<WatchEvent> = { done: true, value: undefined };
const TYPES: Readonly<Record<number, 'created' | 'changed' | 'deleted' | 'childrenChanged'>> = {
  [EventType.NodeCreated]: 'created',
  [EventType.NodeDeleted]: 'deleted',
  [EventType.NodeDataChanged]: 'changed',
  [EventType.NodeChildrenChanged]: 'childrenChanged',
};

/// <reference lib="esnext.disposable" preserve="true" />
import { AddWatchMode, WatcherType } from '@corral/protocol';
import { onAbort, type Signal, unlessAborted } from './abort-signal.ts';
import type { SubscribeOptions, WatchOptions } from './options.ts';
import { underRoot, withoutRoot } from './paths.ts';
import type { Session } from './session.ts';
import { EventQueue, ListeningWatch, type Watch } from './watch.ts';
import type { WatchEvent } from './watch-event.ts';
import { AddWatch, RemoveWatches } from './watch-operations.ts';
import type { PersistentKind, Watcher } from './watch-registry.ts';

/** How to stop. */
export interface Subscription {
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A watch whose events are taken one by one. */
export function openWatch(session: Session, root: string, path: string, options: WatchOptions): Watch {
  const { signal } = options;
  const standing = new StandingWatch(session, root, path, options);
  const queue: EventQueue = new EventQueue(path, standing.strip, () => {
    unlisten();
    return standing.remove(queue);
  });
  const unlisten = onAbort(signal, () => {
    queue.fail(signal?.reason);
    void standing.remove(queue);
  });
  standing.add(queue, signal).then(
    () => queue.isReady(),
    (error: unknown) => queue.fail(error),
  );
  return queue;
}

/** A watch whose events are told to a listener. */
export async function openSubscription(
  session: Session,
  root: string,
  path: string,
  listener: (event: WatchEvent) => void,
  options: SubscribeOptions,
): Promise<Subscription> {
  const standing = new StandingWatch(session, root, path, options);
  const watch = new ListeningWatch(path, standing.strip, listener, (reason) => options.onEnd?.(reason));
  await standing.add(watch, options.signal);
  const close = (): Promise<void> => {
    unlisten();
    return standing.remove(watch);
  };
  const unlisten = onAbort(options.signal, () => void close());
  return { close, [Symbol.asyncDispose]: close };
}

/** A persistent watch of one path, at the server and here. */
class StandingWatch {
  readonly strip: (serverPath: string) => string;
  readonly #session: Session;
  readonly #path: string;
  readonly #serverPath: string;
  readonly #kind: PersistentKind;
  #isUnwanted = false;

  constructor(session: Session, root: string, path: string, { recursive }: WatchOptions) {
    this.#session = session;
    this.#path = path;
    this.#serverPath = underRoot(root, path);
    this.#kind = recursive ? 'recursive' : 'persistent';
    this.strip = (serverPath) => withoutRoot(root, serverPath);
  }

  /** The signal ends the wait. What is on its way then is taken away again when the server has it. */
  async add(watcher: Watcher, signal: Signal | undefined): Promise<void> {
    if (signal?.aborted === true) throw signal.reason;
    try {
      await unlessAborted(this.#set(watcher), signal);
    } catch (error) {
      this.#isUnwanted = true;
      throw error;
    }
  }

  async #set(watcher: Watcher): Promise<void> {
    const { watches } = this.#session;
    const mode = this.#kind === 'recursive' ? AddWatchMode.PERSISTENT_RECURSIVE : AddWatchMode.PERSISTENT;
    const expected = watches.expect(this.#kind, this.#serverPath);
    const registration = {
      register: () => watches.add(this.#kind, this.#serverPath, watcher),
      registerAbsent: () => {},
    };
    try {
      await this.#session.run(new AddWatch(this.#path, this.#serverPath, mode, registration));
    } finally {
      expected.isOver();
    }
    if (this.#isUnwanted) await this.remove(watcher);
  }

  /** The server may keep it where this fails: its events then find nobody here, and it ends with the connection. */
  async remove(watcher: Watcher): Promise<void> {
    this.#isUnwanted = true;
    const { watches, state } = this.#session;
    if (!watches.remove(this.#kind, this.#serverPath, watcher)) return;
    if (state !== 'connected' && state !== 'connectedReadOnly') return;
    // Before 3.9 only all watches of a path can be taken away, which is right where it has no other.
    const lasting = this.#kind === 'recursive' ? WatcherType.PersistentRecursive : WatcherType.Persistent;
    const type = watches.hasAny(this.#serverPath) ? lasting : WatcherType.Any;
    await this.#session.run(new RemoveWatches(this.#path, this.#serverPath, type)).catch(() => {});
  }
}

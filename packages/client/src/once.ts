import { WatcherType } from '@corral/protocol';
import type { Op, Signal } from './abort-signal.ts';
import { codecRefusal } from './arguments.ts';
import { type Codec, decodeData } from './codec.ts';
import { NoWatcherError } from './errors.ts';
import { Exists, GetChildren, GetData } from './read-operations.ts';
import type { Children, Got } from './results.ts';
import type { Operation } from './operation.ts';
import { pathRefusal, underRoot } from './paths.ts';
import type { Session } from './session.ts';
import type { Stat } from './stat.ts';
import { OneShotWatch } from './watch.ts';
import type { WatchEvent } from './watch-event.ts';
import { RemoveWatches } from './watch-operations.ts';
import type { OneShotKind, WatchRegistration } from './watch-registry.ts';

/** What was read, and the first change after it. */
export interface Seen<T> {
  readonly value: T;
  /**
   * Resolves at most once, with `resync` where the session was replaced meanwhile. Rejects when the session has ended:
   * nothing will ever come.
   */
  readonly changed: Promise<WatchEvent>;
  /** Nobody waits for it any more. The server keeps its own until it fires, which is then told to nobody. */
  readonly forget: () => void;
  /** The same, and the server is told to forget it too, where nobody else here waits for the same (from 3.5 on). */
  readonly remove: () => Promise<void>;
}

/** Reads that leave a one-shot watch, as all ZooKeepers know them. */
export class Once {
  readonly #session: Session;
  readonly #root: string;

  constructor(session: Session, root: string) {
    this.#session = session;
    this.#root = root;
  }

  get(path: string, op?: Op): Promise<Seen<Got<Uint8Array>>>;
  get<T>(path: string, codec: Codec<T>, op?: Op): Promise<Seen<Got<T>>>;
  async get<T>(path: string, second?: Codec<T> | Op, third?: Op): Promise<Seen<Got<T | Uint8Array>>> {
    const refusal = second === undefined ? undefined : codecRefusal(second);
    if (refusal !== undefined) throw refusal;
    const hasCodec = second !== undefined && 'decode' in second;
    const decode = (data: Uint8Array, isNull: boolean): T | Promise<T> | Uint8Array =>
      hasCodec ? decodeData(second, path, data, isNull) : data;
    const signal = (hasCodec ? third : second)?.signal;
    const { value, ...watch } = await this.#leave(path, 'data', signal, (serverPath, registration) => {
      return new GetData(path, serverPath, decode, registration);
    });
    return { value: { data: await value.data, stat: value.stat }, ...watch };
  }

  /** Also of a node that is not there: its creation is the change. */
  exists(path: string, op: Op = {}): Promise<Seen<Stat | null>> {
    return this.#leave(path, 'data', op.signal, (serverPath, registration) => {
      return new Exists(path, serverPath, registration);
    });
  }

  children(path: string, op: Op = {}): Promise<Seen<Children>> {
    return this.#leave(path, 'child', op.signal, (serverPath, registration) => {
      return new GetChildren(path, serverPath, registration);
    });
  }

  async #leave<T>(
    path: string,
    kind: OneShotKind,
    signal: Signal | undefined,
    operationOf: (serverPath: string, registration: WatchRegistration) => Operation<T>,
  ): Promise<Seen<T>> {
    const refusal = pathRefusal(path);
    if (refusal !== undefined) throw refusal;
    const serverPath = underRoot(this.#root, path);
    const watch = new OneShotWatch(path);
    const { watches } = this.#session;
    const forget = (): void => {
      watches.remove(kind, serverPath, watch);
      watches.remove('exist', serverPath, watch);
    };
    const remove = async (): Promise<void> => {
      forget();
      const kinds: readonly OneShotKind[] = kind === 'child' ? ['child'] : ['data', 'exist'];
      const { state } = this.#session;
      const isServed = state === 'connected' || state === 'connectedReadOnly';
      if (!isServed || kinds.some((one) => watches.has(one, serverPath))) return;
      const type = kind === 'child' ? WatcherType.Children : WatcherType.Data;
      await this.#session.run(new RemoveWatches(path, serverPath, type)).catch((error: unknown) => {
        // It has fired.
        if (!(error instanceof NoWatcherError)) throw error;
      });
    };
    const expected = watches.expect(kind, serverPath);
    const operation = operationOf(serverPath, {
      register: () => watches.add(kind, serverPath, watch),
      registerAbsent: () => watches.add('exist', serverPath, watch),
    });
    try {
      const value = await this.#session.run(operation, signal);
      return { value, changed: watch.changed, forget, remove };
    } finally {
      expected.isOver();
    }
  }
}

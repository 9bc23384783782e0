import type { Op } from './abort-signal.ts';
import type { Codec } from './codec.ts';
import { type Children, Exists, GetChildren, GetData, type Got } from './operations.ts';
import { pathRefusal, underRoot } from './paths.ts';
import type { Session } from './session.ts';
import type { Stat } from './stat.ts';
import { OneShotWatch } from './watch.ts';
import type { WatchEvent } from './watch-event.ts';
import type { OneShotKind, WatchRegistration } from './watch-registry.ts';

/** What was read, and the first change after it. */
export interface Seen<T> {
  readonly value: T;
  /**
   * Resolves at most once, with `resync` where the session was replaced meanwhile. Rejects when the session has ended:
   * nothing will ever come.
   */
  readonly changed: Promise<WatchEvent>;
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
    const hasCodec = second !== undefined && 'decode' in second;
    const decode = (data: Uint8Array): T | Promise<T> | Uint8Array =>
      hasCodec ? second.decode(data, path) : data;
    const { watch, serverPath, registration } = this.#prepare(path, 'data');
    const operation = new GetData(path, serverPath, decode, registration);
    const { data, stat } = await this.#session.run(operation, (hasCodec ? third : second)?.signal);
    return { value: { data: await data, stat }, changed: watch.changed };
  }

  /** Also of a node that is not there: its creation is the change. */
  async exists(path: string, op?: Op): Promise<Seen<Stat | null>> {
    const { watch, serverPath, registration } = this.#prepare(path, 'data');
    const value = await this.#session.run(new Exists(path, serverPath, registration), op?.signal);
    return { value, changed: watch.changed };
  }

  async children(path: string, op?: Op): Promise<Seen<Children>> {
    const { watch, serverPath, registration } = this.#prepare(path, 'child');
    const value = await this.#session.run(new GetChildren(path, serverPath, registration), op?.signal);
    return { value, changed: watch.changed };
  }

  #prepare(
    path: string,
    kind: OneShotKind,
  ): { watch: OneShotWatch; serverPath: string; registration: WatchRegistration } {
    const refusal = pathRefusal(path);
    if (refusal !== undefined) throw refusal;
    const serverPath = underRoot(this.#root, path);
    const watch = new OneShotWatch(path);
    const { watches } = this.#session;
    return {
      watch,
      serverPath,
      registration: {
        register: () => watches.add(kind, serverPath, watch),
        registerAbsent: () => watches.add('exist', serverPath, watch),
      },
    };
  }
}

import type { Epochs, Snapshots, SnapshotSink, Storage, TxnLog } from '@corral/persistence';
import type { Zxid } from '@corral/protocol';
import type { Gates } from './gates.ts';

/** A storage whose effects pass the gates before they begin. */
export function gated(inner: Storage, gates: Gates): Storage {
  return {
    log: new GatedLog(inner.log, gates),
    snapshots: new GatedSnapshots(inner.snapshots, gates),
    epochs: new GatedEpochs(inner.epochs, gates),
    state: inner.state,
    size: () => inner.size(),
    close: async () => {
      await gates.pass('log');
      await inner.close();
    },
  };
}

class GatedLog implements TxnLog {
  readonly #inner: TxnLog;
  readonly #gates: Gates;
  #failure: unknown = undefined;

  constructor(inner: TxnLog, gates: Gates) {
    this.#inner = inner;
    this.#gates = gates;
  }

  get lastZxid(): Zxid {
    return this.#inner.lastZxid;
  }

  get sinceRoll(): TxnLog['sinceRoll'] {
    return this.#inner.sinceRoll;
  }

  append(zxid: Zxid, entry: Uint8Array): void {
    this.#inner.append(zxid, entry);
  }

  /** Once for ever, as the contract has it. */
  async sync(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await this.#gates.pass('log');
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    await this.#inner.sync();
  }

  roll(): void {
    this.#inner.roll();
  }

  read(...args: Parameters<TxnLog['read']>): Promise<void> {
    return this.#inner.read(...args);
  }

  async truncate(zxid: Zxid): Promise<void> {
    await this.#gates.pass('truncation');
    await this.#inner.truncate(zxid);
  }

  purge(zxid: Zxid): Promise<readonly string[]> {
    return this.#inner.purge(zxid);
  }
}

class GatedSnapshots implements Snapshots {
  readonly #inner: Snapshots;
  readonly #gates: Gates;

  constructor(inner: Snapshots, gates: Gates) {
    this.#inner = inner;
    this.#gates = gates;
  }

  async create(zxid: Zxid): Promise<SnapshotSink> {
    const sink = await this.#inner.create(zxid);
    return {
      write: (chunk) => sink.write(chunk),
      commit: async (trailer) => {
        await this.#gates.pass('snapshot');
        return sink.commit(trailer);
      },
      abort: () => sink.abort(),
    };
  }

  list(): ReturnType<Snapshots['list']> {
    return this.#inner.list();
  }

  load(...args: Parameters<Snapshots['load']>): ReturnType<Snapshots['load']> {
    return this.#inner.load(...args);
  }

  purge(retain: number): Promise<readonly string[]> {
    return this.#inner.purge(retain);
  }

  discardAbove(zxid: Zxid): Promise<readonly string[]> {
    return this.#inner.discardAbove(zxid);
  }
}

class GatedEpochs implements Epochs {
  readonly #inner: Epochs;
  readonly #gates: Gates;

  constructor(inner: Epochs, gates: Gates) {
    this.#inner = inner;
    this.#gates = gates;
  }

  get accepted(): number | undefined {
    return this.#inner.accepted;
  }

  get current(): number | undefined {
    return this.#inner.current;
  }

  async setAccepted(epoch: number): Promise<void> {
    await this.#gates.pass('acceptedEpoch');
    await this.#inner.setAccepted(epoch);
  }

  async setCurrent(epoch: number): Promise<void> {
    await this.#gates.pass('currentEpoch');
    await this.#inner.setCurrent(epoch);
  }
}

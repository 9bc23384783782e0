import type {
  Epochs,
  LogEntryHandler,
  SnapshotBody,
  SnapshotInfo,
  Snapshots,
  SnapshotSink,
  SnapshotTrailer,
  Storage,
  StorageState,
  TxnLog,
} from '@corral/persistence';
import type { Zxid } from '@corral/protocol';
import type { Trace } from '../trace.ts';
import type { DurableRecord, LoggedEntry } from './durable-record.ts';
import type { SimulatedProcess } from './process.ts';

/** Told of what a server's storage promised. */
export interface StorageListener {
  /** What anybody has logged under that zxid, where it is not long ago. */
  known(zxid: number): LoggedEntry | undefined;
  onAppended(entry: LoggedEntry): void;
  onForgotten(entries: readonly LoggedEntry[]): void;
  onEpoch(): void;
}

/**
 * A storage whose promises are kept book of, and whose answers come only to a process that lives and runs. Effects
 * and their order are the storage's own.
 */
export class WatchedStorage implements Storage {
  readonly log: TxnLog;
  readonly snapshots: Snapshots;
  readonly epochs: Epochs;
  readonly state: StorageState;
  readonly #inner: Storage;
  readonly #process: SimulatedProcess;

  constructor(
    inner: Storage,
    process: SimulatedProcess,
    record: DurableRecord,
    listener: StorageListener,
    trace: Trace,
    who: string,
  ) {
    this.#inner = inner;
    this.#process = process;
    this.state = inner.state;
    this.log = new WatchedLog(inner.log, process, record, listener, trace, who);
    this.snapshots = new WatchedSnapshots(inner.snapshots, process, record, trace, who);
    this.epochs = new WatchedEpochs(inner.epochs, process, record, listener, trace, who);
  }

  size(): ReturnType<Storage['size']> {
    return this.#process.eventually(this.#inner.size());
  }

  close(): Promise<void> {
    return this.#process.eventually(this.#inner.close());
  }
}

class WatchedLog implements TxnLog {
  readonly #inner: TxnLog;
  readonly #process: SimulatedProcess;
  readonly #record: DurableRecord;
  readonly #listener: StorageListener;
  readonly #trace: Trace;
  readonly #who: string;

  constructor(
    inner: TxnLog,
    process: SimulatedProcess,
    record: DurableRecord,
    listener: StorageListener,
    trace: Trace,
    who: string,
  ) {
    this.#inner = inner;
    this.#process = process;
    this.#record = record;
    this.#listener = listener;
    this.#trace = trace;
    this.#who = who;
  }

  get lastZxid(): Zxid {
    return this.#inner.lastZxid;
  }

  get sinceRoll(): TxnLog['sinceRoll'] {
    return this.#inner.sinceRoll;
  }

  append(zxid: Zxid, entry: Uint8Array): void {
    this.#inner.append(zxid, entry);
    this.#listener.onAppended(this.#record.append(zxid, entry, this.#listener.known(zxid)));
  }

  sync(): Promise<void> {
    return this.#process.eventually(this.#synced(this.#inner.sync(), this.#inner.lastZxid));
  }

  roll(): void {
    this.#inner.roll();
  }

  read(after: Zxid, handler: LogEntryHandler): Promise<void> {
    const process = this.#process;
    const done = this.#inner.read(after, (entry) =>
      process.isDead ? new Promise<void>(() => {}) : handler(entry),
    );
    return process.eventually(done);
  }

  truncate(zxid: Zxid): Promise<void> {
    return this.#process.eventually(this.#truncated(zxid));
  }

  purge(zxid: Zxid): Promise<readonly string[]> {
    return this.#process.eventually(this.#inner.purge(zxid));
  }

  async #synced(sync: Promise<void>, covered: Zxid): Promise<void> {
    await sync;
    if (this.#process.isDead) return;
    this.#record.syncedZxid = Math.max(this.#record.syncedZxid, covered);
    this.#trace.often('synced', this.#who, covered);
  }

  async #truncated(zxid: Zxid): Promise<void> {
    await this.#inner.truncate(zxid);
    if (this.#process.isDead) return;
    this.#trace.note('truncated', this.#who, zxid);
    this.#listener.onForgotten(this.#record.truncate(zxid));
  }
}

class WatchedSnapshots implements Snapshots {
  readonly #inner: Snapshots;
  readonly #process: SimulatedProcess;
  readonly #record: DurableRecord;
  readonly #trace: Trace;
  readonly #who: string;

  constructor(inner: Snapshots, process: SimulatedProcess, record: DurableRecord, trace: Trace, who: string) {
    this.#inner = inner;
    this.#process = process;
    this.#record = record;
    this.#trace = trace;
    this.#who = who;
  }

  async create(zxid: Zxid): Promise<SnapshotSink> {
    const process = this.#process;
    const sink = await process.eventually(this.#inner.create(zxid));
    return {
      write: (chunk) => process.eventually(sink.write(chunk)),
      commit: (trailer) => process.eventually(this.#commit(sink, zxid, trailer)),
      abort: () => process.eventually(sink.abort()),
    };
  }

  list(): Promise<readonly SnapshotInfo[]> {
    return this.#process.eventually(this.#inner.list());
  }

  load(info: SnapshotInfo, body: SnapshotBody): Promise<SnapshotTrailer> {
    return this.#process.eventually(this.#inner.load(info, body));
  }

  purge(retain: number): Promise<readonly string[]> {
    return this.#process.eventually(this.#inner.purge(retain));
  }

  async discardAbove(zxid: Zxid): Promise<readonly string[]> {
    const gone = await this.#process.eventually(this.#inner.discardAbove(zxid));
    this.#record.snapshotZxid = Math.min(this.#record.snapshotZxid, zxid);
    this.#trace.note('snapshots discarded', this.#who, zxid, gone.length);
    return gone;
  }

  async #commit(sink: SnapshotSink, zxid: Zxid, trailer: SnapshotTrailer): Promise<SnapshotInfo> {
    const info = await sink.commit(trailer);
    if (!this.#process.isDead) {
      this.#record.snapshotZxid = Math.max(this.#record.snapshotZxid, zxid);
      this.#trace.note('snapshot', this.#who, zxid, info.bytes);
    }
    return info;
  }
}

class WatchedEpochs implements Epochs {
  readonly #inner: Epochs;
  readonly #process: SimulatedProcess;
  readonly #record: DurableRecord;
  readonly #listener: StorageListener;
  readonly #trace: Trace;
  readonly #who: string;

  constructor(
    inner: Epochs,
    process: SimulatedProcess,
    record: DurableRecord,
    listener: StorageListener,
    trace: Trace,
    who: string,
  ) {
    this.#inner = inner;
    this.#process = process;
    this.#record = record;
    this.#listener = listener;
    this.#trace = trace;
    this.#who = who;
  }

  get accepted(): number | undefined {
    return this.#inner.accepted;
  }

  get current(): number | undefined {
    return this.#inner.current;
  }

  setAccepted(epoch: number): Promise<void> {
    return this.#process.eventually(this.#stored(this.#inner.setAccepted(epoch), 'accepted epoch', epoch));
  }

  setCurrent(epoch: number): Promise<void> {
    return this.#process.eventually(this.#stored(this.#inner.setCurrent(epoch), 'current epoch', epoch));
  }

  async #stored(
    work: Promise<void>,
    which: 'accepted epoch' | 'current epoch',
    epoch: number,
  ): Promise<void> {
    await work;
    if (this.#process.isDead) return;
    if (which === 'accepted epoch') this.#record.acceptedEpoch = epoch;
    else this.#record.currentEpoch = epoch;
    this.#trace.note(which, this.#who, epoch);
    this.#listener.onEpoch();
  }
}

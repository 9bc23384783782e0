import { Outcome } from '@corral/datatree';
import { JuteReader } from '@corral/jute';
import { OpCode, SyncRequest } from '@corral/protocol';
import type { Clock } from '@corral/runtime';
import type { Answers } from './answers.ts';
import type { Backlog } from './backlog.ts';
import type { ClientConnection } from './connection.ts';
import { PendingWrite } from './pending-write.ts';
import type { PipelineListener } from './pipeline.ts';

export interface SyncsOptions {
  readonly answers: Answers;
  readonly backlog: Backlog;
  readonly clock: Clock;
  readonly applied: PipelineListener;
  /** The longest string believed in a request, in bytes. */
  readonly valueMax: number;
}

/** The syncs of a member's own clients, from being asked until the leader says that they are done. Each has a number. */
export class Syncs {
  readonly #o: SyncsOptions;
  readonly #reader: JuteReader;
  readonly #pending = new Map<number, PendingSync>();
  readonly #outcome: Outcome = new Outcome();
  #last = 0;

  constructor(options: SyncsOptions) {
    this.#o = options;
    this.#reader = new JuteReader(undefined, options.valueMax);
  }

  /** The number of the sync in the frame `bytes[start, end)`; undefined where it cannot be read. */
  take(
    connection: ClientConnection,
    bytes: Uint8Array,
    start: number,
    end: number,
    xid: number,
    now: number,
    largeBytes: number,
  ): number | undefined {
    const r = this.#reader.reset(bytes, start, end);
    r.skip(REQUEST_HEADER_BYTES);
    let path: string | null;
    try {
      ({ path } = SyncRequest.read(r));
    } catch {
      return undefined;
    }
    const sync = new PendingSync(path, xid, connection, now, largeBytes);
    this.#pending.set(++this.#last, sync);
    this.#o.backlog.size++;
    this.#o.answers.expect(connection, sync);
    return this.#last;
  }

  /** The one asked first; undefined where none is. */
  get oldest(): number | undefined {
    return this.#pending.keys().next().value;
  }

  /** All that was committed when it was asked has been applied here. */
  done(number: number): void {
    const sync = this.#pending.get(number);
    if (sync === undefined) return;
    const { backlog, clock, applied } = this.#o;
    this.#pending.delete(number);
    backlog.size--;
    this.#outcome.begin(OpCode.sync);
    this.#outcome.path = sync.path;
    applied.onApplied(undefined, sync, this.#outcome, clock.monotonic());
    applied.onBatchApplied();
  }
}

class PendingSync extends PendingWrite {
  readonly path: string | null;

  constructor(
    path: string | null,
    xid: number,
    connection: ClientConnection,
    receivedAt: number,
    largeBytes: number,
  ) {
    super(OpCode.sync, xid, connection, receivedAt, largeBytes);
    this.path = path;
  }
}

const REQUEST_HEADER_BYTES = 8;

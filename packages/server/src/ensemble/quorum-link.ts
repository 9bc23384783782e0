import { JuteWriter } from '@corral/jute';
import { type QuorumPacket, QuorumPacketSplitter, type QuorumPacketLimits } from '@corral/protocol';
import type { Connection, ConnectionHandler, TransportError } from '@corral/transport';

/** What the owner of a link is told. Never from within a call of the link. */
export interface QuorumLinkListener {
  /** A packet has come; it belongs to the listener. */
  onPacket(packet: QuorumPacket): void;
  /** All packets that came together have been handed over, or no more of them will be: what they led to may be sent. */
  onTurn(): void;
  /** Told once; nothing comes after it. */
  onClose(reason: string): void;
}

/** Takes a stream of raw bytes off a link. */
export interface RawSink {
  /** Takes what it needs of the chunk (valid during the call) and returns how much that was; less than all when it has enough. */
  push(chunk: Uint8Array): number;
  readonly hasEnded: boolean;
  onEnd(): void;
}

/** Puts raw bytes on a link; resolves when there is room for more, rejects when the link is over. */
export type RawWrite = (bytes: Uint8Array) => Promise<void>;

/**
 * One connection between a learner and its leader: packets in both directions, in order, and now and then a stream
 * of raw bytes between them. What is sent while such a stream goes out waits behind it.
 */
export class QuorumLink implements ConnectionHandler {
  readonly connection: Connection;
  readonly #listener: QuorumLinkListener;
  readonly #splitter: QuorumPacketSplitter;
  readonly #unsentMaxBytes: number;
  #out: JuteWriter = new JuteWriter(OUT_BYTES);
  readonly #streams: { readonly start: (write: RawWrite) => Promise<void>; readonly behind: JuteWriter }[] =
    [];
  #raw: RawSink | undefined = undefined;
  #held: Uint8Array[] = [];
  #isHeld = false;
  #drained: (() => void) | undefined = undefined;
  #endReason: string | undefined = undefined;
  #isOver = false;

  /** @param unsentMaxBytes what the other side may leave unread before the link is given up */
  constructor(
    connection: Connection,
    listener: QuorumLinkListener,
    limits: QuorumPacketLimits,
    unsentMaxBytes: number,
  ) {
    this.connection = connection;
    this.#listener = listener;
    this.#splitter = new QuorumPacketSplitter(limits);
    this.#unsentMaxBytes = unsentMaxBytes;
  }

  get isOver(): boolean {
    return this.#isOver || this.#endReason !== undefined;
  }

  /** Gathers a packet; `flush` sends it. */
  send(packet: QuorumPacket): void {
    packet.write(this.#writer);
  }

  /** The same of a packet that is encoded already. The bytes are copied. */
  sendEncoded(bytes: Uint8Array): void {
    this.#writer.writeRaw(bytes);
  }

  /** Raw bytes go out behind everything sent so far; `start` is called when their turn has come. */
  stream(start: (write: RawWrite) => Promise<void>): void {
    this.flush();
    this.#streams.push({ start, behind: new JuteWriter(OUT_BYTES) });
    if (this.#streams.length === 1) void this.#runStreams();
  }

  /** Sends what was gathered. */
  flush(): void {
    const waiting = this.#streams.at(-1)?.behind;
    if (waiting !== undefined) {
      if (waiting.length > this.#unsentMaxBytes) this.close('it does not take what it is sent');
      return;
    }
    const out = this.#out;
    if (out.length === 0 || this.isOver) return;
    if (this.connection.write(out.bytes())) {
      this.#out = out.clear(OUT_KEPT_BYTES);
      return;
    }
    this.#out = new JuteWriter(OUT_BYTES);
    if (this.connection.unsent > this.#unsentMaxBytes) this.close('it does not take what it is sent');
  }

  /** Raw bytes follow the packet being handled: everything goes to `sink` until it has ended. */
  receiveRaw(sink: RawSink): void {
    this.#raw = sink;
  }

  /** No packet is handed over until `release`; what comes meanwhile waits, most of it in the sender's system. */
  hold(): void {
    this.#isHeld = true;
    this.connection.pause();
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    const held = this.#held;
    this.#held = [];
    this.#drainSplitter();
    for (const chunk of held) this.onData(chunk);
    if (!this.#isHeld) this.connection.resume();
  }

  /** Ends the link at once; the listener is told why. */
  close(reason: string): void {
    this.#endReason ??= reason;
    this.connection.destroy();
  }

  /** Sends what was gathered, then ends. */
  end(reason: string): void {
    this.flush();
    this.#endReason ??= reason;
    this.connection.end();
  }

  onData(chunk: Uint8Array): void {
    if (this.isOver) return;
    if (this.#isHeld) {
      this.#held.push(chunk.slice());
      return;
    }
    let rest = chunk;
    try {
      if (this.#raw !== undefined) {
        rest = rest.subarray(this.#raw.push(rest));
        if (!this.#raw.hasEnded) return;
        this.#endRaw();
        if (rest.length > 0) this.onData(rest);
        return;
      }
      this.#splitter.push(rest);
    } catch (cause) {
      this.close(messageOf(cause));
      return;
    }
    this.#drainSplitter();
  }

  onDrain(): void {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.();
  }

  onClose(error?: TransportError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.onDrain();
    this.#listener.onClose(this.#endReason ?? error?.message ?? 'the other side has closed it');
  }

  get #writer(): JuteWriter {
    return this.#streams.at(-1)?.behind ?? this.#out;
  }

  #drainSplitter(): void {
    try {
      while (!this.#isHeld && !this.isOver && this.#raw === undefined) {
        const packet = this.#splitter.next();
        if (packet === undefined) break;
        this.#listener.onPacket(packet);
      }
    } catch (cause) {
      this.close(messageOf(cause));
      this.#listener.onTurn();
      return;
    }
    // The chunk is the transport's again when this turn is over.
    if (this.#isHeld && this.#raw === undefined && this.#splitter.pending > 0)
      this.#held.push(this.#splitter.rest());
    this.#listener.onTurn();
    if (this.#raw === undefined || this.isOver) return;
    const rest = this.#splitter.rest();
    if (rest.length > 0) this.onData(rest);
  }

  #endRaw(): void {
    const raw = this.#raw!;
    this.#raw = undefined;
    raw.onEnd();
  }

  async #runStreams(): Promise<void> {
    try {
      for (let next = this.#streams[0]; next !== undefined; next = this.#streams[0]) {
        await next.start(this.#writeRaw);
        if (this.isOver) return;
        if (this.#streams.length === 1) {
          this.#out = next.behind;
          this.#streams.shift();
          this.flush();
          return;
        }
        await this.#writeRaw(next.behind.bytes());
        this.#streams.shift();
      }
    } catch (cause) {
      this.close(messageOf(cause));
    }
  }

  readonly #writeRaw = async (bytes: Uint8Array): Promise<void> => {
    if (this.isOver) throw new Error('the link is over');
    if (bytes.length === 0 || this.connection.write(bytes)) return;
    await new Promise<void>((resolve) => (this.#drained = resolve));
    if (this.isOver) throw new Error('the link is over');
  };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

const OUT_BYTES = 16 * 1024;
const OUT_KEPT_BYTES = 1024 * 1024;

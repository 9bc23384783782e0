import { FrameSplitter, JuteReader, JuteWriter } from '@corral/jute';
import {
  ConnectRequest,
  ConnectResponse,
  CreateRequest,
  ErrorCode,
  OPEN_ACL_UNSAFE,
  OpCode,
  ReplyHeader,
  RequestHeader,
  SetDataRequest,
  Xid,
} from '@corral/protocol';
import type { Address, Connection, ConnectionHandler, Transport } from '@corral/transport';

/**
 * Writes one node over and over, one write at a time with a short pause between, and never gives up: when its
 * connection breaks it dials the same server again, and goes on in the session it had, or in a new one.
 */
export class SteadyWriter {
  /** When it was last acknowledged a write; as `performance.now()`. */
  lastAt: number = Number.NEGATIVE_INFINITY;
  readonly #transport: Transport;
  readonly #address: Address;
  readonly #path: string;
  readonly #onAcknowledged: (at: number) => void;
  #sessionId = 0n;
  #password: Uint8Array = new Uint8Array(16);
  #lastZxid = 0;
  #connection: WriterConnection | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #isOver = false;

  constructor(transport: Transport, address: Address, path: string, onAcknowledged: (at: number) => void) {
    this.#transport = transport;
    this.#address = address;
    this.#path = path;
    this.#onAcknowledged = onAcknowledged;
    void this.#dial();
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#connection?.close();
  }

  async #dial(): Promise<void> {
    try {
      await this.#transport.connect({ ...this.#address, timeoutMs: PATIENCE_MS }, (link) => {
        const connection = new WriterConnection(
          link,
          (frame) => this.#reply(frame),
          () => this.#lost(connection),
        );
        this.#connection = connection;
        return connection;
      });
    } catch {
      this.#later(REDIAL_MS, () => void this.#dial());
      return;
    }
    if (this.#isOver) return this.stop();
    const request = new ConnectRequest(
      0,
      this.#lastZxid,
      SESSION_TIMEOUT_MS,
      this.#sessionId,
      this.#password,
      false,
    );
    this.#connection?.greet(request);
  }

  #lost(connection: WriterConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#later(REDIAL_MS, () => void this.#dial());
  }

  #reply(frame: JuteReader): void {
    const connection = this.#connection!;
    if (!connection.isOpen) {
      const { timeOut, sessionId, passwd } = ConnectResponse.read(frame);
      const isWelcome = timeOut > 0;
      this.#sessionId = isWelcome ? sessionId : 0n;
      this.#password = isWelcome ? passwd!.slice() : new Uint8Array(16);
      if (!isWelcome) return connection.close();
      connection.isOpen = true;
      connection.request(OpCode.create, new CreateRequest(this.#path, DATA, OPEN_ACL_UNSAFE, 0));
      return;
    }
    const { xid, zxid, err } = ReplyHeader.read(frame);
    if (xid < 0) return;
    this.#lastZxid = Math.max(this.#lastZxid, zxid);
    if (err === ErrorCode.OK) {
      this.lastAt = performance.now();
      this.#onAcknowledged(this.lastAt);
    }
    this.#later(PAUSE_MS, () => connection.request(OpCode.setData, new SetDataRequest(this.#path, DATA, -1)));
  }

  #later(ms: number, then: () => void): void {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}

/** One connection of a writer. It is over when an answer takes too long. */
class WriterConnection implements ConnectionHandler {
  isOpen = false;
  readonly #link: Connection;
  readonly #onFrame: (frame: JuteReader) => void;
  readonly #onLost: () => void;
  readonly #splitter = new FrameSplitter({ payloadMax: FRAME_PAYLOAD_MAX });
  readonly #reader = new JuteReader();
  readonly #header = new RequestHeader(0, 0);
  readonly #deadline: NodeJS.Timeout;

  constructor(link: Connection, onFrame: (frame: JuteReader) => void, onLost: () => void) {
    this.#link = link;
    this.#onFrame = onFrame;
    this.#onLost = onLost;
    this.#deadline = setTimeout(() => link.destroy(), PATIENCE_MS);
  }

  greet(request: ConnectRequest): void {
    this.#send((w) => request.write(w));
  }

  request(type: number, body: { write(w: JuteWriter): void }): void {
    const header = this.#header;
    header.xid++;
    header.type = type;
    this.#send((w) => {
      header.write(w);
      body.write(w);
    });
  }

  close(): void {
    clearTimeout(this.#deadline);
    if (this.isOpen) {
      const header = new RequestHeader(Xid.ping, OpCode.closeSession);
      this.#send((w) => header.write(w));
    }
    this.#link.end();
  }

  onData(chunk: Uint8Array): void {
    this.#deadline.refresh();
    try {
      this.#splitter.push(chunk);
      while (this.#splitter.next()) {
        const { bytes, start, end } = this.#splitter;
        this.#onFrame(this.#reader.reset(bytes, start, end));
      }
    } catch {
      this.#link.destroy();
    }
  }

  onDrain(): void {}

  onClose(): void {
    clearTimeout(this.#deadline);
    this.#onLost();
  }

  #send(write: (w: JuteWriter) => void): void {
    const w = new JuteWriter();
    const length = w.reserveInt();
    write(w);
    w.patchLength(length);
    this.#link.write(w.bytes());
  }
}

const DATA = new Uint8Array(100);
const PAUSE_MS = 4;
const REDIAL_MS = 5;
const PATIENCE_MS = 5000;
const SESSION_TIMEOUT_MS = 10_000;
const FRAME_PAYLOAD_MAX = 1024 * 1024;

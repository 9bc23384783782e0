import { FrameSplitter } from '@corral/jute';
import { ELECTION_FRAME_MAX, type Notification, readNotification } from '@corral/protocol';
import type { Connection, ConnectionHandler, TransportError } from '@corral/transport';

export interface ElectionLinkListener {
  onNotification(link: ElectionLink, notification: Notification): void;
  /** What was written has left; there is room for more. */
  onRoom(link: ElectionLink): void;
  /** Told once; nothing comes after it. */
  onLinkClose(link: ElectionLink, reason: string): void;
}

/**
 * A connection with a server that has said who it is: notifications in both directions, a length before each.
 *
 * A notification that cannot be read is left out (ZOOKEEPER-3769), as it may come from a newer version; but not one after
 * another for ever. A length beyond its bounds ends the link, as nothing behind it can be found.
 */
export class ElectionLink implements ConnectionHandler {
  readonly sid: number;
  readonly #connection: Connection;
  readonly #listener: ElectionLinkListener;
  readonly #splitter = new FrameSplitter({ payloadMax: ELECTION_FRAME_MAX });
  #unreadable = 0;
  #endReason: string | undefined = undefined;
  #isOver = false;

  constructor(sid: number, connection: Connection, listener: ElectionLinkListener) {
    this.sid = sid;
    this.#connection = connection;
    this.#listener = listener;
  }

  /** Sends a frame, which must not be changed any more. @returns whether there is room for another */
  write(frame: Uint8Array): boolean {
    return this.#connection.write(frame);
  }

  close(reason: string): void {
    this.#endReason ??= reason;
    this.#connection.destroy();
  }

  onData(chunk: Uint8Array): void {
    if (this.#endReason !== undefined) return;
    try {
      this.#splitter.push(chunk);
      while (this.#endReason === undefined && this.#splitter.next()) this.#read();
    } catch (cause) {
      this.close(messageOf(cause));
    }
  }

  onDrain(): void {
    if (this.#endReason === undefined) this.#listener.onRoom(this);
  }

  onClose(error?: TransportError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const reason = this.#endReason ?? error?.message ?? 'the other side has closed it';
    this.#endReason = reason;
    this.#listener.onLinkClose(this, reason);
  }

  #read(): void {
    const { bytes, start, end } = this.#splitter;
    if (start === end) return this.close('a frame of 0 bytes');
    let notification: Notification;
    try {
      notification = readNotification(bytes.subarray(start, end));
    } catch (cause) {
      this.#unreadable++;
      if (this.#unreadable >= UNREADABLE_MAX) this.close(`nothing of it can be read: ${messageOf(cause)}`);
      return;
    }
    this.#unreadable = 0;
    this.#listener.onNotification(this, notification);
  }
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Notifications in a row that cannot be read, before the link is given up. */
const UNREADABLE_MAX = 100;

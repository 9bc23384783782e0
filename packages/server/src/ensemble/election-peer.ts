import type { HostAndPort } from '@corral/protocol';
import type { ElectionLink } from './election-link.ts';

/**
 * Another server on the election port: at most one link with it, and at most one frame that waits for it. A newer frame
 * takes the place of the one that waits: only the newest word counts.
 */
export class ElectionPeer {
  readonly sid: number;
  /** Where it has said it can be dialled. */
  announced: readonly HostAndPort[] = [];
  isDialling = false;
  /** When it is, or was, dialled because its link had broken; monotonic milliseconds. */
  redialAt: number = Number.NEGATIVE_INFINITY;
  #link: ElectionLink | undefined = undefined;
  #hasRoom = false;
  #waiting: Uint8Array | undefined = undefined;
  #last: Uint8Array | undefined = undefined;

  constructor(sid: number) {
    this.sid = sid;
  }

  get link(): ElectionLink | undefined {
    return this.#link;
  }

  get hasWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  send(frame: Uint8Array): void {
    this.#waiting = frame;
    this.#flush();
  }

  /**
   * A new link, which replaces the old one. It begins with what waits, otherwise with the last word again: that may have
   * been lost with the old link, and to hear it twice does no harm.
   */
  take(link: ElectionLink): void {
    this.drop('another connection has taken its place');
    this.#link = link;
    this.#hasRoom = true;
    this.#waiting ??= this.#last;
    this.#flush();
  }

  onRoom(link: ElectionLink): void {
    if (link !== this.#link) return;
    this.#hasRoom = true;
    this.#flush();
  }

  /** @returns whether it was the link in use */
  onLinkClose(link: ElectionLink): boolean {
    if (link !== this.#link) return false;
    this.#link = undefined;
    return true;
  }

  drop(reason: string): void {
    const link = this.#link;
    this.#link = undefined;
    link?.close(reason);
  }

  #flush(): void {
    if (this.#link === undefined || !this.#hasRoom || this.#waiting === undefined) return;
    const frame = this.#waiting;
    this.#waiting = undefined;
    this.#last = frame;
    this.#hasRoom = this.#link.write(frame);
  }
}

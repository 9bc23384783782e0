import { bytesAt, type NodeId, STAMPS } from './node-record.ts';
import type { NodeStore } from './node-store.ts';

/** Images that can be written at the same time: one for this server's disk, others for learners. */
const IMAGES_MAX = 4;

/**
 * Remembers which nodes an image already has. Each image has a lane to itself while it is written: one byte of
 * every record, which says the number of the last image of that lane that has the node. Numbers go up, so nothing
 * need be cleared when an image begins; new nodes carry the newest number of every lane and belong to none.
 */
export class ImageLanes {
  readonly #bytes: Uint8Array = new Uint8Array(IMAGES_MAX);
  readonly #word: Uint32Array = new Uint32Array(this.#bytes.buffer);
  readonly #isBusy: boolean[] = Array.from({ length: IMAGES_MAX }, () => false);

  /** The stamps of a new node. */
  get newNode(): number {
    return this.#word[0]!;
  }

  /** @throws RangeError where `IMAGES_MAX` images are being written */
  open(store: NodeStore): number {
    const lane = this.#isBusy.indexOf(false);
    if (lane < 0) throw new RangeError(`more than ${IMAGES_MAX} snapshot images at the same time`);
    this.#isBusy[lane] = true;
    if (this.#bytes[lane] === STAMP_MAX) this.#restart(store, lane);
    this.#bytes[lane]!++;
    return lane;
  }

  close(lane: number): void {
    this.#isBusy[lane] = false;
  }

  has(store: NodeStore, node: NodeId, lane: number): boolean {
    return store.segment(node).bytes[bytesAt(node) + STAMPS * 4 + lane] === this.#bytes[lane];
  }

  mark(store: NodeStore, node: NodeId, lane: number): void {
    store.segment(node).bytes[bytesAt(node) + STAMPS * 4 + lane] = this.#bytes[lane]!;
  }

  /** Once in 255 images the numbers begin anew. */
  #restart(store: NodeStore, lane: number): void {
    for (let node = 1; node < store.end; node++)
      store.segment(node).bytes[bytesAt(node) + STAMPS * 4 + lane] = 0;
    this.#bytes[lane] = 0;
  }
}

const STAMP_MAX = 255;

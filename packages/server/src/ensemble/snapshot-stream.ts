import { type DataTree, type DataTreeOptions, type SnapshotImage, SnapshotLoader } from '@corral/datatree';
import { JuteWriter } from '@corral/jute';
import type { Zxid } from '@corral/protocol';
import type { Clock } from '@corral/runtime';
import type { RawSink, RawWrite } from './quorum-link.ts';

/** Sends an image of a tree, and what tells the learner that it was whole. */
export async function sendImage(
  image: SnapshotImage,
  write: RawWrite,
  clock: Clock,
  onProgress: () => void,
): Promise<void> {
  try {
    for (let chunk = image.next(CHUNK_BYTES); chunk !== undefined; chunk = image.next(CHUNK_BYTES)) {
      // The image lends its bytes until it is asked for more; the transport may keep them longer.
      await write(chunk.slice());
      onProgress();
      await new Promise<void>((resolve) => clock.defer(resolve));
    }
    const signature = new JuteWriter(SIGNATURE_BYTES);
    signature.writeString(SIGNATURE);
    await write(signature.bytes());
  } finally {
    image.abort();
  }
}

/** Builds a tree from the image that a leader sends. Where it is cut short or makes no sense, the link ends with it. */
export class ImageReceiver implements RawSink {
  hasEnded = false;
  readonly #zxid: Zxid;
  readonly #loader: SnapshotLoader;
  readonly #signature = new Uint8Array(SIGNATURE_BYTES);
  readonly #received: (tree: DataTree) => void;
  readonly #onProgress: () => void;
  #signatureLength = 0;

  constructor(
    options: DataTreeOptions,
    valueMax: number,
    zxid: Zxid,
    onProgress: () => void,
    received: (tree: DataTree) => void,
  ) {
    this.#zxid = zxid;
    this.#loader = new SnapshotLoader(options, valueMax);
    this.#onProgress = onProgress;
    this.#received = received;
  }

  /** @throws SnapshotError, RangeError where the bytes are no tree with its signature */
  push(chunk: Uint8Array): number {
    this.#onProgress();
    let taken = 0;
    if (!this.#loader.ended) taken = this.#loader.push(chunk);
    while (this.#loader.ended && !this.hasEnded && taken < chunk.length) {
      this.#signature[this.#signatureLength++] = chunk[taken++]!;
      if (this.#signatureLength === SIGNATURE_BYTES) this.#check();
    }
    return taken;
  }

  onEnd(): void {
    this.#received(this.#loader.finish(this.#zxid));
  }

  #check(): void {
    const expected = new JuteWriter(SIGNATURE_BYTES);
    expected.writeString(SIGNATURE);
    const bytes = expected.bytes();
    if (!this.#signature.every((byte, i) => byte === bytes[i]))
      throw new RangeError('the snapshot of the leader does not end as it should');
    this.hasEnded = true;
  }
}

const SIGNATURE = 'BenWasHere';
const SIGNATURE_BYTES = 4 + 10;
const CHUNK_BYTES = 256 * 1024;

import { PersistenceError, type Storage } from '@corral/persistence';
import { crashImages, MemoryDisk } from '@corral/persistence/memory';
import { fileStorage } from '@corral/persistence-file';
import { encodeTxn, OpCode, SetDataTxn, toZxid, Txn, TxnHeader } from '@corral/protocol';
import { JuteWriter } from '@corral/jute';
import { SimulatedRandom } from '@corral/runtime/simulated';

/** What must be so on a disk that lost its power. Throws where it is not. */
export type Claim = (storage: Storage) => Promise<void>;

/**
 * A disk whose power may go at any moment: before each of its operations, each image that the cut may leave is kept,
 * with what is claimed of it at that moment.
 */
export class PowerCuts {
  readonly #disk: MemoryDisk = new MemoryDisk();
  readonly #random: SimulatedRandom = new SimulatedRandom(1);
  readonly #images: { readonly name: string; readonly disk: MemoryDisk; readonly claim: Claim }[] = [];
  /** From now on, whatever becomes of the power. */
  claim: Claim = async () => {};

  constructor() {
    this.#disk.onOperation = ({ kind, path }) => this.#collect(`before ${kind} of ${path}`);
  }

  open(): Promise<Storage> {
    return opened(this.#disk);
  }

  /** Opens a storage on each of the images; resolves with how many there were. */
  async check(): Promise<number> {
    this.#collect('at the end');
    for (const { name, disk, claim } of this.#images) {
      try {
        const storage = await opened(disk);
        await claim(storage);
        await storage.close();
      } catch (error) {
        const refused = error instanceof PersistenceError ? 'refused' : 'wrong';
        throw new Error(`${refused}: ${name}`, { cause: error });
      }
    }
    return this.#images.length;
  }

  #collect(when: string): void {
    const { claim } = this;
    for (const { name, disk } of crashImages(this.#disk, this.#random, 1))
      this.#images.push({ name: `${when}: ${name}`, disk, claim });
  }
}

/** A transaction, as the log takes it. */
function entry(zxid: number): Uint8Array {
  const w = new JuteWriter();
  const header = new TxnHeader(1n, 1, toZxid(zxid), 1_700_000_000_000, OpCode.setData);
  encodeTxn(w, new Txn(header, new SetDataTxn('/a', new Uint8Array(40).fill(zxid), 1)));
  return w.copy();
}

export function append(storage: Storage, ...zxids: readonly number[]): void {
  for (const zxid of zxids) storage.log.append(toZxid(zxid), entry(zxid));
}

/** The zxids that the log has. */
export async function logged({ log }: Storage): Promise<number[]> {
  const zxids: number[] = [];
  await log.read(toZxid(0), ({ zxid }) => void zxids.push(zxid));
  return zxids;
}

function opened(disk: MemoryDisk): Promise<Storage> {
  return fileStorage({ dataDir: '', disk, preAllocSizeKb: 4 });
}

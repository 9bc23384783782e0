import { PersistenceError, readFully, requireEpoch, writeFully, type Epochs } from '@corral/persistence';
import { EPOCH_MAX } from '@corral/protocol';
import { syncDirectory, syncFile, type Settings } from './settings.ts';

/** The files `acceptedEpoch` and `currentEpoch`: a decimal number (Java: QuorumPeer, AtomicFileOutputStream). */
export class FileEpochs implements Epochs {
  accepted: number | undefined;
  current: number | undefined;
  readonly #settings: Settings;
  #failure: unknown;

  constructor(settings: Settings, accepted: number | undefined, current: number | undefined) {
    this.#settings = settings;
    this.accepted = accepted;
    this.current = current;
  }

  async setAccepted(epoch: number): Promise<void> {
    this.#requireSound();
    requireEpoch(epoch, this.accepted, undefined);
    await this.#write(ACCEPTED, epoch);
    this.accepted = epoch;
  }

  async setCurrent(epoch: number): Promise<void> {
    this.#requireSound();
    requireEpoch(epoch, this.current, this.accepted ?? -1);
    await this.#write(CURRENT, epoch);
    this.current = epoch;
  }

  close(): void {
    this.#failure ??= new PersistenceError('CLOSED', 'the storage is closed');
  }

  async #write(name: string, epoch: number): Promise<void> {
    try {
      await replaceFile(this.#settings, name, new TextEncoder().encode(String(epoch)));
    } catch (cause) {
      this.#failure = cause;
      throw cause;
    }
  }

  #requireSound(): void {
    if (this.#failure === undefined) return;
    throw new PersistenceError('CLOSED', 'the storage is closed, or writing an epoch failed', {
      cause: this.#failure,
    });
  }
}

/**
 * Reads both files. A `currentEpoch.tmp` is what a crash left between writing and renaming; Apache takes it for the
 * epoch where the log has come further than `currentEpoch` says (Java: QuorumPeer.loadDataBase), and so do we.
 *
 * An epoch is accepted before it is the current one: where the files say otherwise, a promise has been lost.
 */
export async function recoverEpochs(
  settings: Settings,
  lastEpoch: number,
  repairs: string[],
): Promise<FileEpochs> {
  const accepted = await readEpoch(settings, ACCEPTED);
  let current = await readEpoch(settings, CURRENT);
  const written = await readEpoch(settings, `${CURRENT}.tmp`).catch(() => undefined);
  if (current !== undefined && current < lastEpoch && written !== undefined && written >= lastEpoch) {
    await replaceFile(settings, CURRENT, new TextEncoder().encode(String(written)));
    repairs.push(`currentEpoch.tmp became currentEpoch (${written} after ${current})`);
    current = written;
  }
  if (current !== undefined && (accepted === undefined || accepted < current)) {
    const said = accepted === undefined ? 'missing' : String(accepted);
    throw new PersistenceError('DAMAGED', `acceptedEpoch is ${said}, and currentEpoch ${current}`, {
      file: `${settings.snapshotDirectory}/${ACCEPTED}`,
      offset: 0,
    });
  }
  for (const name of [ACCEPTED, CURRENT]) await removeLeftover(settings, `${name}.tmp`, repairs);
  return new FileEpochs(settings, accepted, current);
}

const ACCEPTED = 'acceptedEpoch';
const CURRENT = 'currentEpoch';
/** More than any number and a line end take. */
const EPOCH_FILE_BYTES = 32;

async function readEpoch(settings: Settings, name: string): Promise<number | undefined> {
  const path = `${settings.snapshotDirectory}/${name}`;
  if ((await settings.disk.stat(path)) === undefined) return undefined;
  const file = await settings.disk.open(path, 'read');
  try {
    const bytes = new Uint8Array(EPOCH_FILE_BYTES);
    const count = await readFully(file, bytes, 0);
    const text = new TextDecoder().decode(bytes.subarray(0, count)).trim();
    if (!/^\d{1,10}$/.test(text) || Number(text) > EPOCH_MAX) {
      throw new PersistenceError('DAMAGED', 'not an epoch', { file: path, offset: 0 });
    }
    return Number(text);
  } finally {
    await file.close();
  }
}

async function replaceFile(settings: Settings, name: string, content: Uint8Array): Promise<void> {
  const path = `${settings.snapshotDirectory}/${name}`;
  const file = await settings.disk.open(`${path}.tmp`, 'create');
  try {
    await writeFully(file, content, 0);
    await syncFile(settings, file);
  } finally {
    await file.close();
  }
  await settings.disk.rename(`${path}.tmp`, path);
  await syncDirectory(settings, settings.snapshotDirectory);
}

async function removeLeftover(settings: Settings, name: string, repairs: string[]): Promise<void> {
  const path = `${settings.snapshotDirectory}/${name}`;
  if ((await settings.disk.stat(path)) === undefined) return;
  await settings.disk.remove(path);
  repairs.push(`${name} was left by a crash and removed`);
}

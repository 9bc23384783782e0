import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Storage } from '@corral/persistence';
import { ClassicLevel } from 'classic-level';
import { Database } from '../src/database.ts';
import { openStorage } from '../src/open-storage.ts';

/** A directory in which one storage is opened again and again. */
export class Place {
  readonly #root: string;
  #copies = 0;
  #open: { readonly storage: Storage; readonly snapshots: Database; readonly log: Database } | undefined;

  private constructor(root: string) {
    this.#root = root;
  }

  static async create(): Promise<Place> {
    return new Place(await mkdtemp(join(tmpdir(), 'corral-level-')));
  }

  /** Where the databases stand now. */
  get directory(): string {
    return join(this.#root, String(this.#copies));
  }

  get logDirectory(): string {
    return join(this.directory, 'level-log');
  }

  get snapshotDirectory(): string {
    return join(this.directory, 'level-snapshots');
  }

  /** As `levelStorage` opens it, with a hand on the databases. */
  async open({ forceSync = true }: { readonly forceSync?: boolean } = {}): Promise<Storage> {
    const repairs: string[] = [];
    const options = {
      parent: this.directory,
      isSelfChecked: (): boolean => false,
      autocreate: true,
      forceSync,
      repairs,
    };
    const opened: Database[] = [];
    try {
      for (const name of ['level-snapshots', 'level-log'])
        opened.push(await Database.open({ ...options, name }));
      const [snapshots, log] = opened as [Database, Database];
      const storage = await openStorage(snapshots, log, repairs);
      this.#open = { storage, snapshots, log };
      return storage;
    } catch (cause) {
      for (const database of opened) await database.close();
      throw cause;
    }
  }

  /**
   * The process dies: what goes on is a copy of the files as they are now, while they are open. What LevelDB had
   * not given to the kernel is gone; what it had not synced is there, as after a kill and unlike after a power cut.
   */
  async crash(): Promise<void> {
    const dead = this.#open!;
    const from = this.directory;
    this.#copies++;
    await cp(from, this.directory, { recursive: true });
    await dead.storage.close();
  }

  /** The write that holds the `nth` operation of the log from now on never reaches the medium. */
  failLogWrite(nth: number): void {
    failWrite(this.#open!.log, nth);
  }

  failSnapshotWrite(nth: number): void {
    failWrite(this.#open!.snapshots, nth);
  }

  /** For each operation from now on, whether its write was to be synced; filled as they come. */
  syncsAskedFor(): readonly unknown[] {
    const asked: unknown[] = [];
    for (const { level } of [this.#open!.snapshots, this.#open!.log]) {
      level.hooks.prewrite.add((operation: { readonly sync?: unknown }) => void asked.push(operation.sync));
    }
    return asked;
  }

  /** The newest write-ahead log of the log. */
  async writeAheadLog(): Promise<string> {
    const names = (await readdir(this.logDirectory)).filter((name) => name.endsWith('.log'));
    return join(this.logDirectory, names.toSorted().at(-1)!);
  }

  async dispose(): Promise<void> {
    await this.#open?.storage.close();
    await rm(this.#root, { recursive: true });
  }
}

function failWrite(database: Database, nth: number): void {
  let left = nth;
  const fail = (): void => {
    left--;
    if (left > 0) return;
    database.level.hooks.prewrite.delete(fail);
    throw new Error('the medium is broken');
  };
  database.level.hooks.prewrite.add(fail);
}

/** Changes a file, as nobody should. */
export async function edit(path: string, change: (bytes: Buffer) => Buffer | void): Promise<void> {
  const bytes = await readFile(path);
  await writeFile(path, change(bytes) ?? bytes);
}

/** Goes to work on a database behind the storage's back; LevelDB's own checksums are right afterwards. */
export async function tamper(
  location: string,
  work: (level: ClassicLevel<Buffer, Buffer>) => Promise<void>,
): Promise<void> {
  const level = new ClassicLevel<Buffer, Buffer>(location, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
  });
  await level.open();
  await work(level);
  await level.close();
}

import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { DataTree, type DataTreeOptions, SnapshotLoader } from '@corral/datatree';
import { ContiguityCheck, PersistenceError, type SnapshotInfo, type Storage } from '@corral/persistence';
import { fileStorage, nodeDisk } from '@corral/persistence-file';
import { decodeTxn, type Zxid } from '@corral/protocol';
import { readOnlyDisk } from './read-only-disk.ts';

/** A data directory as a server would find it, which changes nothing. */
export interface DataDirectory {
  /** Where `version-2` and `myid` are. */
  readonly dataDir: string;
  readonly logDir: string;
  /** Why a server would not open it; then nothing else is known. */
  readonly refusal: PersistenceError | undefined;
  /** What a server would repair when it opens it. */
  readonly repairs: readonly string[];
  readonly snapshots: readonly SnapshotFile[];
  readonly logs: readonly string[];
  /** What stands in the logs and cannot be read, in the order of the files. */
  readonly logDamage: readonly PersistenceError[];
  /** Why the log does not go on from the snapshot. */
  readonly replayProblem: PersistenceError | undefined;
  /** As far as it could be built; undefined where there is no snapshot that is whole. */
  readonly tree: DataTree | undefined;
  readonly lastZxid: Zxid;
  readonly longestEntry: { readonly bytes: number; readonly zxid: Zxid } | undefined;
  readonly epochs: { readonly accepted: number | undefined; readonly current: number | undefined };
}

export interface SnapshotFile {
  readonly name: string;
  /** Undefined where it is whole. */
  readonly problem: string | undefined;
  /** The tree has everything up to it, so the log must reach it. */
  readonly coveredZxid: Zxid;
}

/** A directory may be named with or without `version-2`. */
export function dataDirOf(path: string): string {
  const absolute = resolve(path);
  return basename(absolute) === VERSION ? dirname(absolute) : absolute;
}

export function hasData(dataDir: string): boolean {
  return existsSync(`${dataDir}/${VERSION}`);
}

export interface ExamineOptions {
  /** `jute.maxbuffer` of the server: what is twice as long is damage. */
  readonly maxBuffer: number;
  /** Ends it between files. */
  readonly signal: AbortSignal;
}

/** Reads all of it, and holds the tree in memory as a server does. */
export async function examine(
  dataDir: string,
  logDir: string,
  { maxBuffer, signal }: ExamineOptions,
): Promise<DataDirectory> {
  const found = new Examination(dataDir, logDir, maxBuffer);
  let storage: Storage;
  try {
    storage = await fileStorage({
      dataDir,
      dataLogDir: logDir,
      disk: readOnlyDisk(nodeDisk()),
      autocreate: false,
      maxRecordBytes: maxBuffer * 2,
    });
  } catch (error) {
    found.refusal = persistenceError(error);
    return found;
  }
  try {
    found.repairs = storage.state.repairs;
    found.epochs = storage.epochs;
    found.lastZxid = storage.log.lastZxid;
    await found.readSnapshots(storage, signal);
    await found.replay(storage);
    signal.throwIfAborted();
    await found.readLogs(storage, signal);
    return found;
  } finally {
    await storage.close();
  }
}

class Examination implements DataDirectory {
  readonly dataDir: string;
  readonly logDir: string;
  refusal: PersistenceError | undefined = undefined;
  repairs: readonly string[] = [];
  snapshots: SnapshotFile[] = [];
  logs: readonly string[] = [];
  logDamage: PersistenceError[] = [];
  replayProblem: PersistenceError | undefined = undefined;
  tree: DataTree | undefined = undefined;
  lastZxid: Zxid = 0 as Zxid;
  longestEntry: { bytes: number; zxid: Zxid } | undefined = undefined;
  epochs: DataDirectory['epochs'] = { accepted: undefined, current: undefined };

  readonly #maxBuffer: number;

  constructor(dataDir: string, logDir: string, maxBuffer: number) {
    this.dataDir = dataDir;
    this.logDir = logDir;
    this.#maxBuffer = maxBuffer;
  }

  /** All of them; the tree of the newest that is whole is kept. */
  async readSnapshots(storage: Storage, signal: AbortSignal): Promise<void> {
    const complete = await storage.snapshots.list();
    for (const info of complete) {
      signal.throwIfAborted();
      this.snapshots.push(await this.#readSnapshot(storage, info));
    }
    const names = await nodeDisk().list(`${this.dataDir}/${VERSION}`);
    const isKnown = (name: string): boolean => complete.some((info) => info.name === name);
    for (const name of names)
      if (SNAPSHOT_NAME.test(name) && !isKnown(name))
        this.snapshots.push({ name, problem: 'it ends too early', coveredZxid: 0 as Zxid });
  }

  async #readSnapshot(storage: Storage, info: SnapshotInfo): Promise<SnapshotFile> {
    const loader = new SnapshotLoader(TREE_OPTIONS, this.#maxBuffer * 2);
    try {
      const { digest, lastProcessedZxid } = await storage.snapshots.load(info, loader);
      this.tree ??= loader.finish(info.zxid, digest);
      return {
        name: info.name,
        problem: undefined,
        coveredZxid: lastProcessedZxid ?? digest?.zxid ?? info.zxid,
      };
    } catch (error) {
      const { message, cause } = persistenceError(error);
      const reason = cause instanceof Error ? `: ${cause.message}` : '';
      return { name: info.name, problem: `${reasonOf(message)}${reason}`, coveredZxid: info.zxid };
    }
  }

  /** As a server does it when it starts. */
  async replay(storage: Storage): Promise<void> {
    const tree = (this.tree ??= this.snapshots.length === 0 ? new DataTree(TREE_OPTIONS) : undefined);
    if (tree === undefined) return;
    const check = new ContiguityCheck(tree.lastProcessedZxid);
    try {
      await storage.log.read(tree.lastProcessedZxid, (entry) => {
        check.pass(entry);
        let txn;
        try {
          txn = decodeTxn(entry.bytes);
        } catch (cause) {
          throw new PersistenceError('DAMAGED', 'a transaction that cannot be read', { ...entry, cause });
        }
        tree.apply(txn, undefined);
      });
    } catch (error) {
      this.replayProblem = persistenceError(error);
    }
    if (tree.lastProcessedZxid > this.lastZxid) this.lastZxid = tree.lastProcessedZxid;
  }

  /** Every file of the log, for damage only: what is before the snapshot may have gaps. */
  async readLogs(storage: Storage, signal: AbortSignal): Promise<void> {
    const directory = `${this.logDir}/${VERSION}`;
    const firsts = (await nodeDisk().list(directory))
      .filter((name) => LOG_NAME.test(name))
      .map((name) => Number.parseInt(name.slice('log.'.length), 16))
      .toSorted((a, b) => a - b);
    this.logs = firsts.map((first) => `log.${first.toString(16)}`);
    for (let from = 0; from < firsts.length;) {
      signal.throwIfAborted();
      const next = await this.#readFrom(storage, firsts, firsts[from]!);
      if (next <= from) return;
      from = next;
    }
  }

  /** @returns where to go on in `firsts` */
  async #readFrom(storage: Storage, firsts: readonly number[], first: number): Promise<number> {
    try {
      await storage.log.read((first - 1) as Zxid, ({ zxid, bytes }) => {
        if (bytes.length > (this.longestEntry?.bytes ?? 0)) this.longestEntry = { bytes: bytes.length, zxid };
      });
      return firsts.length;
    } catch (error) {
      const problem = persistenceError(error);
      const isKnown = this.logDamage.some(({ message }) => message === problem.message);
      if (!isKnown) this.logDamage.push(problem);
      const name = problem.file === undefined ? '' : basename(problem.file);
      return this.logs.indexOf(name) + 1;
    }
  }
}

/** Of the message of a PersistenceError: its code and place are told beside it. */
export function reasonOf(message: string): string {
  return message.replace(/^[A-Z_]+: /, '').replace(/ \([^()]*( at byte \d+|version-2\/[^()]*)\)$/, '');
}

function persistenceError(error: unknown): PersistenceError {
  if (error instanceof PersistenceError) return error;
  return new PersistenceError('IO', error instanceof Error ? error.message : String(error), { cause: error });
}

const VERSION = 'version-2';
/** Paths are not chosen by somebody who waits for an answer, so the seed may be known. */
const TREE_OPTIONS: DataTreeOptions = {
  digestEnabled: true,
  hashSeed: [1, 2],
  extendedTypesEnabled: false,
  emulate353TTLNodes: false,
};
const SNAPSHOT_NAME = /^snapshot\.[\da-f]+(\.\w+)?$/;
const LOG_NAME = /^log\.[\da-f]{1,14}$/;

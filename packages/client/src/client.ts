/// <reference lib="esnext.disposable" preserve="true" />
import { ErrorCode } from '@corral/protocol';
import type { Clock, Random } from '@corral/runtime';
import type { DialingTransport } from '@corral/transport';
import { type Op, signalOf, unlessAborted } from './abort-signal.ts';
import { type Acl, acl as lists, toWireAcls } from './acl.ts';
import {
  codecRefusal,
  createFlags,
  dataRefusal,
  nodeDataRefusal,
  optionsRefusal,
  versionRefusal,
} from './arguments.ts';
import { type Codec, decodeData, toUtf8 } from './codec.ts';
import { parseConnectString } from './connect-string.ts';
import { createWithCare } from './create-with-care.ts';
import { deleteSubtree, deleteVersion, setVersion, walk } from './deeds.ts';
import { Ensemble } from './ensemble.ts';
import { NodeExistsError, NoNodeError, zkError } from './errors.ts';
import { askForWord } from './four-letter-word.ts';
import { type Guard, ViewGuard } from './guard.ts';
import { MultiRead } from './multi-read.ts';
import { Once } from './once.ts';
import {
  Exists,
  GetAcl,
  GetChildCount,
  GetChildren,
  GetData,
  GetEphemerals,
  Greeting,
  Sync,
  WhoAmI,
} from './read-operations.ts';
import type { Children, Created, Data, Got, Identity, NodeData } from './results.ts';
import { Create, Delete, SetAcl, SetData } from './write-operations.ts';
import type {
  ChangeOptions,
  CreateOptions,
  DeleteOptions,
  SubscribeOptions,
  WatchOptions,
} from './options.ts';
import { checkPath, pathRefusal, underRoot, withoutRoot } from './paths.ts';
import { Quotas } from './quotas.ts';
import { serviceOf, type ServiceLookup } from './service-lookup.ts';
import type { Session } from './session.ts';
import type { SessionState } from './session-machine.ts';
import type { Stat } from './stat.ts';
import { StateQueue } from './state-queue.ts';
import { Transaction } from './transaction.ts';
import { TypedNode } from './typed-node.ts';
import type { Watch } from './watch.ts';
import type { WatchEvent } from './watch-event.ts';
import { openSubscription, openWatch, type Subscription } from './watching.ts';

/** What stands behind every view of one session. */
export interface ClientSetting {
  readonly session: Session;
  readonly transport: DialingTransport;
  readonly clock: Clock;
  readonly lookUpService?: ServiceLookup;
  readonly requestMax: number;
  readonly guard?: ViewGuard;
}

/**
 * A session with ZooKeeper, seen from a root. Requests are sent in the order of the calls; events of watches come before
 * the result of any later read. Paths are the caller's: the root is put before them and taken off again.
 *
 * Errors: `ZkError` and its classes for what servers say; `TypeError` and `RangeError` for arguments, before anything is
 * sent; the signal's reason for a signal.
 */
export class Client {
  /** Where `/` is, on the servers. */
  readonly root: string;
  /** The same reads, each leaving a one-shot watch. */
  readonly once: Once;
  readonly ensemble: Ensemble;
  readonly quotas: Quotas;
  readonly #setting: ClientSetting;
  readonly #session: Session;
  readonly #strip: (serverPath: string) => string;

  /** @param setting from `createClient`; the root is a valid path */
  constructor(setting: ClientSetting, root: string) {
    this.#setting = setting;
    this.#session = setting.session;
    this.root = root;
    this.#strip = (serverPath) => withoutRoot(root, serverPath);
    this.once = new Once(setting.session, root);
    this.ensemble = new Ensemble(setting.session);
    this.quotas = new Quotas(setting.session, root);
  }

  get state(): SessionState {
    return this.#session.state;
  }

  /** 0 until there is one. */
  get sessionId(): bigint {
    return this.#session.id;
  }

  /** With `sessionId`, what another client needs to go on with this session. */
  get sessionPassword(): Uint8Array {
    return this.#session.password;
  }

  /** Milliseconds, as the server granted them. */
  get sessionTimeout(): number {
    return this.#session.timeoutMs;
  }

  /** The world's, for those who build on this client. */
  get clock(): Clock {
    return this.#setting.clock;
  }

  get random(): Random {
    return this.#session.random;
  }

  /** Requests that were asked for and not answered. */
  get pending(): number {
    return this.#session.pending;
  }

  /** The state now, and then each that follows, until the client is closed or the signal aborts. */
  states(op: Op = {}): AsyncIterableIterator<SessionState> {
    return new StateQueue(this.#session, op.signal);
  }

  /** Calls at once when the state changes, before anything that was asked for is told. @returns how to stop */
  onState(listener: (state: SessionState) => void): () => void {
    if (typeof listener !== 'function') throw new TypeError('the listener is not a function');
    return this.#session.onState(listener);
  }

  /** Resolves when a server has answered. Rejects when none was reached for `connectTimeout`, with what was tried. */
  async connected(op: Op = {}): Promise<void> {
    await this.#session.run(new Greeting(this.root), op.signal);
  }

  /** The same session, seen from a node below. */
  at(root: string): Client {
    checkPath(root);
    return new Client(this.#setting, root === '/' ? this.root : underRoot(this.root, root));
  }

  /** The same session and root, whose writes are asked for first; also those of the views that are made of it. */
  guarded(guard: Guard): Client {
    const setting = { ...this.#setting, guard: new ViewGuard(guard, this.root, this.#setting.guard) };
    return new Client(setting, this.root);
  }

  get(path: string, op?: Op): Promise<Got<Uint8Array>>;
  get<T>(path: string, codec: Codec<T>, op?: Op): Promise<Got<T>>;
  get<T>(path: string, second?: Codec<T> | Op, third?: Op): Promise<Got<T | Uint8Array>> {
    const refusal = pathRefusal(path) ?? (second === undefined ? undefined : codecRefusal(second));
    if (refusal !== undefined) return Promise.reject(refusal);
    const serverPath = underRoot(this.root, path);
    if (second === undefined || !('decode' in second))
      return this.#session.run(new GetData(path, serverPath, asIs), second?.signal);
    const decode = (data: Uint8Array, isNull: boolean): T | Promise<T> =>
      decodeData(second, path, data, isNull);
    return this.#decoded(new GetData(path, serverPath, decode), third);
  }

  async #decoded<T>(operation: GetData<T | Promise<T>>, op: Op | undefined): Promise<Got<T>> {
    const { data, stat } = await this.#session.run(operation, op?.signal);
    return { data: await data, stat };
  }

  /** Null for a node that is not there. */
  async tryGet(path: string, op?: Op): Promise<Got<Uint8Array> | null>;
  async tryGet<T>(path: string, codec: Codec<T>, op?: Op): Promise<Got<T> | null>;
  async tryGet<T>(path: string, second?: Codec<T> | Op, third?: Op): Promise<Got<T | Uint8Array> | null> {
    try {
      return await this.get(path, second as Codec<T>, third);
    } catch (error) {
      if (error instanceof NoNodeError) return null;
      throw error;
    }
  }

  exists(path: string, op?: Op): Promise<Stat | null> {
    const refusal = pathRefusal(path);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#session.run(new Exists(path, underRoot(this.root, path)), op?.signal);
  }

  children(path: string, op?: Op): Promise<Children> {
    const refusal = pathRefusal(path);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#session.run(new GetChildren(path, underRoot(this.root, path)), op?.signal);
  }

  /** How many nodes there are below, at any depth (from 3.6 on). */
  childCount(path: string, op?: Op): Promise<number> {
    const refusal = pathRefusal(path);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#session.run(new GetChildCount(path, underRoot(this.root, path)), op?.signal);
  }

  /** This session's ephemeral nodes below a prefix (from 3.6 on). */
  ephemerals(prefix = '/', op?: Op): Promise<string[]> {
    const refusal = pathRefusal(prefix);
    if (refusal !== undefined) return Promise.reject(refusal);
    const serverPath = underRoot(this.root, prefix);
    return this.#session.run(new GetEphemerals(prefix, serverPath, this.#strip), op?.signal);
  }

  getAcl(path: string, op?: Op): Promise<{ acl: Acl[]; stat: Stat }> {
    const refusal = pathRefusal(path);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#session.run(new GetAcl(path, underRoot(this.root, path)), op?.signal);
  }

  /** Nobody's node is newer than what this server shows when it resolves: reads behind it see all writes before it. */
  sync(path = '/', op?: Op): Promise<void> {
    const refusal = pathRefusal(path);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#session.run(new Sync(path, underRoot(this.root, path)), op?.signal);
  }

  /** The identities under which the server knows this client (from 3.7 on). */
  whoAmI(op?: Op): Promise<Identity[]> {
    return this.#session.run(new WhoAmI(), op?.signal);
  }

  /** The node and everything below, a parent before its children; what is deleted meanwhile is left out. */
  walk(path: string, op: Op = {}): AsyncIterableIterator<{ path: string; stat: Stat }> {
    checkPath(path);
    return walk(this, path, op);
  }

  create(path: string, data: NodeData = '', options: CreateOptions = NO_OPTIONS): Promise<Created> {
    const refusal =
      optionsRefusal(options) ??
      pathRefusal(path, options.sequential) ??
      nodeDataRefusal(data, this.#setting.requestMax);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (options.parents || options.protect || options.orSet)
      return createWithCare(this, this.#session.random, path, data, options);
    let operation: Create;
    try {
      const flags = createFlags(options);
      const acl = options.acl === undefined ? OPEN : toWireAcls(options.acl);
      const serverPath = underRoot(this.root, path);
      this.#setting.guard?.checkCreate(serverPath, data, options);
      operation = new Create(path, serverPath, data, acl, flags, options.ttl ?? 0, this.#strip);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#session.run(operation, options.signal);
  }

  /** Makes the node and those above it, persistent and open, where they are missing. What is there stays as it is. */
  async ensurePath(path: string, op: Op = NO_OPTIONS): Promise<void> {
    try {
      await this.create(path, '', { ...signalOf(op), parents: true });
    } catch (error) {
      if (!(error instanceof NodeExistsError)) throw error;
    }
  }

  set(path: string, data: NodeData, options: ChangeOptions = NO_OPTIONS): Promise<Stat> {
    const refusal =
      pathRefusal(path) ?? nodeDataRefusal(data, this.#setting.requestMax) ?? changeRefusal(options);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { version = -1 } = options;
    if (options.retry) return setVersion(this, path, data, version, true, options);
    const serverPath = underRoot(this.root, path);
    try {
      this.#setting.guard?.checkSet(serverPath, data);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#session.run(new SetData(path, serverPath, data, version), options.signal);
  }

  async delete(path: string, options: DeleteOptions = NO_OPTIONS): Promise<void> {
    const refusal = pathRefusal(path) ?? changeRefusal(options);
    if (refusal !== undefined) throw refusal;
    const { version = -1 } = options;
    try {
      if (options.recursive) await deleteSubtree(this, path, options);
      else if (options.retry) await deleteVersion(this, path, version, options);
      else await this.#delete(path, version, options);
    } catch (error) {
      if (!(options.ifExists && error instanceof NoNodeError)) throw error;
    }
  }

  #delete(path: string, version: number, { signal }: Op): Promise<void> {
    const serverPath = underRoot(this.root, path);
    this.#setting.guard?.checkDelete(serverPath);
    return this.#session.run(new Delete(path, serverPath, version), signal);
  }

  /** @param options `version` is of the ACL (`Stat.aversion`) */
  setAcl(path: string, acl: readonly Acl[], options: Op & { version?: number } = NO_OPTIONS): Promise<Stat> {
    const refusal = pathRefusal(path) ?? changeRefusal(options);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { version = -1 } = options;
    try {
      const operation = new SetAcl(path, underRoot(this.root, path), toWireAcls(acl), version);
      return this.#session.run(operation, options.signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Writes that happen together or not at all. */
  transaction(): Transaction<[]> {
    const { requestMax, guard } = this.#setting;
    return new Transaction(this.#session, this.root, requestMax, guard);
  }

  multiRead(): MultiRead<[]> {
    return new MultiRead(this.#session, this.root);
  }

  /** A node whose data has a type. */
  node<T>(path: string, codec: Codec<T>): TypedNode<T> {
    checkPath(path);
    return new TypedNode(this, path, codec);
  }

  /**
   * The events of a node (from 3.6 on), sent for at once and for as long as the iterator is not left. Survives lost
   * connections, which it tells as `resync`.
   */
  watch(path: string, options: WatchOptions = NO_OPTIONS): Watch {
    checkPath(path);
    return openWatch(this.#session, this.root, path, options);
  }

  /** The same with a listener. Resolves, when the server has it, with how to stop; rejects where it cannot be had. */
  async subscribe(
    path: string,
    listener: (event: WatchEvent) => void,
    options: SubscribeOptions = NO_OPTIONS,
  ): Promise<Subscription> {
    checkPath(path);
    if (typeof listener !== 'function') throw new TypeError('the listener is not a function');
    return openSubscription(this.#session, this.root, path, listener, options);
  }

  /**
   * Proves an identity, now and at every connection to come. A refused one ends the session: state `authFailed`. A signal
   * ends the wait for the answer only.
   */
  addAuth(scheme: string, auth: Data, { signal }: Op = NO_OPTIONS): Promise<void> {
    if (typeof scheme !== 'string') return Promise.reject(new TypeError('the scheme is not a string'));
    const refusal = dataRefusal(auth, this.#setting.requestMax);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const bytes = typeof auth === 'string' ? toUtf8(auth) : auth.slice();
    return unlessAborted(this.#session.addIdentity(scheme, bytes), signal);
  }

  /**
   * Tries these servers of the same ensemble from now on. Leaves the one that serves where it is not among them, and by
   * chance where there are more than before, so that all servers have as many clients in the end.
   */
  useServers(connectString: string): void {
    const { servers, service } = parseConnectString(connectString);
    if (service === undefined) this.#session.useServers(servers);
    else this.#session.useService(serviceOf(service, this.#setting.lookUpService));
  }

  /** Asks the server that serves this session with a four-letter word (`ruok`, `srvr`, `mntr`), on a connection of its own. */
  command(word: string, { signal }: Op = NO_OPTIONS): Promise<string> {
    if (!/^[a-z]{4}$/.test(word)) return Promise.reject(new RangeError(`no four-letter word: "${word}"`));
    const { server } = this.#session;
    if (server === undefined)
      return Promise.reject(zkError(ErrorCode.CONNECTIONLOSS, word, undefined, { detail: 'no server yet' }));
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return askForWord(this.#setting.transport, this.#setting.clock, server, word, WORD_TIMEOUT_MS, signal);
  }

  /** Ends the session, and with it its ephemeral nodes; for every view of it. What was asked before is answered first. */
  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function changeRefusal(options: ChangeOptions): Error | undefined {
  const refusal = optionsRefusal(options);
  if (refusal !== undefined) return refusal;
  const { version = -1 } = options;
  if (options.retry && version < 0)
    return new RangeError('retry needs a version: without one a change could happen twice');
  return versionRefusal(version);
}

function asIs(bytes: Uint8Array): Uint8Array {
  return bytes;
}

const NO_OPTIONS: CreateOptions & DeleteOptions = {};
const OPEN = toWireAcls(lists.open);
const WORD_TIMEOUT_MS = 10_000;

import type { JuteReader, JuteWriter } from '@corral/jute';
import {
  type Acl as WireAcl,
  type CreateMode,
  ErrorCode,
  isContainer,
  isTtl,
  type MultiOp,
  type MultiResult,
  OpCode,
  readAcls,
  readMultiResponse,
  WhoAmIResponse,
  writeAcls,
  writeMultiRequest,
} from '@corral/protocol';
import { type Acl, fromWireAcl } from './acl.ts';
import { zkError } from './errors.ts';
import { Operation } from './operation.ts';
import { readStat, type Stat } from './stat.ts';
import type { WatchRegistration } from './watch-registry.ts';

/** Data as the caller has it; text is written as UTF-8 without a buffer between. */
export type Data = Uint8Array | string;

export interface Got<T> {
  readonly data: T;
  readonly stat: Stat;
}

export interface Created {
  /** The name it got: of a sequential node, with its number. */
  readonly path: string;
  readonly stat: Stat;
}

export interface Children {
  readonly names: string[];
  readonly stat: Stat;
}

export interface Identity {
  readonly scheme: string;
  readonly id: string;
}

/** Its record is the path and, where it may leave a watch, a flag. */
abstract class Read<T> extends Operation<T> {
  readonly isRepeatable = true;
  readonly serverPath: string;
  readonly watch: WatchRegistration | undefined;

  constructor(type: OpCode, path: string | undefined, serverPath: string, watch?: WatchRegistration) {
    super(type, path);
    this.serverPath = serverPath;
    this.watch = watch;
  }

  write(w: JuteWriter): void {
    w.writeString(this.serverPath);
    w.writeBool(this.watch !== undefined);
  }

  read(r: JuteReader): T {
    const value = this.readBody(r);
    this.watch?.register();
    return value;
  }

  abstract readBody(r: JuteReader): T;
}

export class GetData<T> extends Read<Got<T>> {
  readonly decode: (bytes: Uint8Array) => T;

  constructor(path: string, serverPath: string, decode: (bytes: Uint8Array) => T, watch?: WatchRegistration) {
    super(OpCode.getData, path, serverPath, watch);
    this.decode = decode;
  }

  readBody(r: JuteReader): Got<T> {
    // The bytes belong to the transport again when this frame is done.
    const bytes = r.readBuffer()?.slice() ?? NO_BYTES;
    const stat = readStat(r);
    return { data: this.decode(bytes), stat };
  }
}

export class Exists extends Read<Stat | null> {
  constructor(path: string, serverPath: string, watch?: WatchRegistration) {
    super(OpCode.exists, path, serverPath, watch);
  }

  readBody(r: JuteReader): Stat | null {
    return readStat(r);
  }

  override readError(code: number): Stat | null {
    if (code !== ErrorCode.NONODE) throw this.error(code);
    this.watch?.registerAbsent();
    return null;
  }
}

/** Resolves with the first answer of a server, whatever it is. */
export class Greeting extends Exists {
  constructor(root: string) {
    super('/', root);
  }

  override error(code: number, detail?: string): Error {
    return zkError(code, 'connect', undefined, detail === undefined ? {} : { detail });
  }
}

export class GetChildren extends Read<Children> {
  constructor(path: string, serverPath: string, watch?: WatchRegistration) {
    super(OpCode.getChildren2, path, serverPath, watch);
  }

  readBody(r: JuteReader): Children {
    const names = (r.readStrings() ?? []) as string[];
    return { names, stat: readStat(r) };
  }
}

export class GetAcl extends Read<{ acl: Acl[]; stat: Stat }> {
  constructor(path: string, serverPath: string) {
    super(OpCode.getACL, path, serverPath);
  }

  override write(w: JuteWriter): void {
    w.writeString(this.serverPath);
  }

  readBody(r: JuteReader): { acl: Acl[]; stat: Stat } {
    const acl = (readAcls(r) ?? []).map(fromWireAcl);
    return { acl, stat: readStat(r) };
  }
}

export class GetChildCount extends Read<number> {
  constructor(path: string, serverPath: string) {
    super(OpCode.getAllChildrenNumber, path, serverPath);
  }

  override write(w: JuteWriter): void {
    w.writeString(this.serverPath);
  }

  readBody(r: JuteReader): number {
    return r.readInt();
  }
}

export class GetEphemerals extends Read<string[]> {
  readonly #strip: (serverPath: string) => string;

  constructor(path: string, serverPath: string, strip: (serverPath: string) => string) {
    super(OpCode.getEphemerals, path, serverPath);
    this.#strip = strip;
  }

  override write(w: JuteWriter): void {
    w.writeString(this.serverPath);
  }

  readBody(r: JuteReader): string[] {
    return ((r.readStrings() ?? []) as string[]).map(this.#strip);
  }
}

export class Sync extends Read<void> {
  constructor(path: string, serverPath: string) {
    super(OpCode.sync, path, serverPath);
  }

  override write(w: JuteWriter): void {
    w.writeString(this.serverPath);
  }

  readBody(): void {}
}

export class WhoAmI extends Operation<Identity[]> {
  readonly isRepeatable = true;

  constructor() {
    super(OpCode.whoAmI, undefined);
  }

  write(): void {}

  read(r: JuteReader): Identity[] {
    const infos = WhoAmIResponse.read(r).clientInfo ?? [];
    return infos.map(({ authScheme, user }) => ({ scheme: authScheme ?? '', id: user ?? '' }));
  }
}

/** Sets a persistent watch; the registration is the server's, so that again does no harm. */
export class AddWatch extends Operation<void> {
  readonly isRepeatable = true;
  readonly #serverPath: string;
  readonly #mode: number;
  readonly #watch: WatchRegistration;

  constructor(path: string, serverPath: string, mode: number, watch: WatchRegistration) {
    super(OpCode.addWatch, path);
    this.#serverPath = serverPath;
    this.#mode = mode;
    this.#watch = watch;
  }

  write(w: JuteWriter): void {
    w.writeString(this.#serverPath);
    w.writeInt(this.#mode);
  }

  read(): void {
    this.#watch.register();
  }
}

export class RemoveWatches extends Operation<void> {
  readonly isRepeatable = false;
  readonly #serverPath: string;
  readonly #watcherType: number;

  constructor(path: string, serverPath: string, watcherType: number) {
    super(OpCode.removeWatches, path);
    this.#serverPath = serverPath;
    this.#watcherType = watcherType;
  }

  write(w: JuteWriter): void {
    w.writeString(this.#serverPath);
    w.writeInt(this.#watcherType);
  }

  read(): void {}
}

export class Create extends Operation<Created> {
  readonly isRepeatable = false;
  readonly #serverPath: string;
  readonly #data: Data;
  readonly #acl: readonly WireAcl[];
  readonly #flags: CreateMode;
  readonly #ttlMs: number;
  readonly #strip: (serverPath: string) => string;

  constructor(
    path: string,
    serverPath: string,
    data: Data,
    acl: readonly WireAcl[],
    flags: CreateMode,
    ttlMs: number,
    strip: (serverPath: string) => string,
  ) {
    super(createCode(flags), path);
    this.#serverPath = serverPath;
    this.#data = data;
    this.#acl = acl;
    this.#flags = flags;
    this.#ttlMs = ttlMs;
    this.#strip = strip;
  }

  write(w: JuteWriter): void {
    w.writeString(this.#serverPath);
    writeData(w, this.#data);
    writeAcls(w, this.#acl);
    w.writeInt(this.#flags);
    if (isTtl(this.#flags)) w.writeLongNumber(this.#ttlMs);
  }

  read(r: JuteReader): Created {
    const path = this.#strip(r.readString() ?? '');
    return { path, stat: readStat(r) };
  }
}

export class SetData extends Operation<Stat> {
  readonly isRepeatable = false;
  readonly #serverPath: string;
  readonly #data: Data;
  readonly #version: number;

  constructor(path: string, serverPath: string, data: Data, version: number) {
    super(OpCode.setData, path);
    this.#serverPath = serverPath;
    this.#data = data;
    this.#version = version;
  }

  write(w: JuteWriter): void {
    w.writeString(this.#serverPath);
    writeData(w, this.#data);
    w.writeInt(this.#version);
  }

  read(r: JuteReader): Stat {
    return readStat(r);
  }
}

export class Delete extends Operation<void> {
  readonly isRepeatable = false;
  readonly #serverPath: string;
  readonly #version: number;

  constructor(path: string, serverPath: string, version: number) {
    super(OpCode.delete, path);
    this.#serverPath = serverPath;
    this.#version = version;
  }

  write(w: JuteWriter): void {
    w.writeString(this.#serverPath);
    w.writeInt(this.#version);
  }

  read(): void {}
}

export class SetAcl extends Operation<Stat> {
  readonly isRepeatable = false;
  readonly #serverPath: string;
  readonly #acl: readonly WireAcl[];
  readonly #version: number;

  constructor(path: string, serverPath: string, acl: readonly WireAcl[], version: number) {
    super(OpCode.setACL, path);
    this.#serverPath = serverPath;
    this.#acl = acl;
    this.#version = version;
  }

  write(w: JuteWriter): void {
    w.writeString(this.#serverPath);
    writeAcls(w, this.#acl);
    w.writeInt(this.#version);
  }

  read(r: JuteReader): Stat {
    return readStat(r);
  }
}

export class Multi extends Operation<MultiResult[]> {
  readonly isRepeatable: boolean;
  readonly #ops: readonly MultiOp[];

  constructor(type: typeof OpCode.multi | typeof OpCode.multiRead, ops: readonly MultiOp[]) {
    super(type, undefined);
    this.isRepeatable = type === OpCode.multiRead;
    this.#ops = ops;
  }

  write(w: JuteWriter): void {
    writeMultiRequest(w, this.#ops);
  }

  read(r: JuteReader): MultiResult[] {
    const results = readMultiResponse(r, this.#ops.length);
    for (const result of results)
      if (result.type === OpCode.getData) result.record.data = result.record.data?.slice() ?? null;
    return results;
  }
}

export interface ReconfigFields {
  readonly joining: string | null;
  readonly leaving: string | null;
  readonly members: string | null;
  readonly from: bigint;
}

export class Reconfig extends Operation<Got<Uint8Array>> {
  readonly isRepeatable = false;
  readonly #fields: ReconfigFields;

  constructor(fields: ReconfigFields) {
    super(OpCode.reconfig, undefined);
    this.#fields = fields;
  }

  write(w: JuteWriter): void {
    w.writeString(this.#fields.joining);
    w.writeString(this.#fields.leaving);
    w.writeString(this.#fields.members);
    w.writeLong(this.#fields.from);
  }

  read(r: JuteReader): Got<Uint8Array> {
    const data = r.readBuffer()?.slice() ?? NO_BYTES;
    return { data, stat: readStat(r) };
  }
}

/** The opcode whose answer has a Stat, for each mode. */
export function createCode(
  flags: number,
): typeof OpCode.create2 | typeof OpCode.createContainer | typeof OpCode.createTTL {
  if (isTtl(flags)) return OpCode.createTTL;
  return isContainer(flags) ? OpCode.createContainer : OpCode.create2;
}

function writeData(w: JuteWriter, data: Data): void {
  if (typeof data === 'string') w.writeString(data);
  else w.writeBuffer(data);
}

const NO_BYTES = new Uint8Array(0);

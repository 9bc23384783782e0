import type { JuteReader, JuteWriter } from '@corral/jute';
import { ErrorCode, OpCode, readAcls, WhoAmIResponse } from '@corral/protocol';
import { type Acl, fromWireAcl } from './acl.ts';
import { zkError } from './errors.ts';
import { Operation } from './operation.ts';
import type { Children, Got, Identity } from './results.ts';
import { readStat, type Stat } from './stat.ts';
import type { WatchRegistration } from './watch-registry.ts';

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
    if (!this.isSettled) this.watch?.register();
    return value;
  }

  abstract readBody(r: JuteReader): T;
}

/** `isNull`: the node has no data at all, and `bytes` is empty. */
export type DecodeData<T> = (bytes: Uint8Array, isNull: boolean) => T;

export class GetData<T> extends Read<Got<T>> {
  readonly decode: DecodeData<T>;

  constructor(path: string, serverPath: string, decode: DecodeData<T>, watch?: WatchRegistration) {
    super(OpCode.getData, path, serverPath, watch);
    this.decode = decode;
  }

  readBody(r: JuteReader): Got<T> {
    // The bytes belong to the transport again when this frame is done.
    const bytes = r.readBuffer()?.slice();
    const stat = readStat(r);
    return { data: this.#decoded(bytes ?? NO_BYTES, bytes === undefined), stat };
  }

  /** What a codec throws is its caller's affair, whatever it is called: the reply itself could be read. */
  #decoded(bytes: Uint8Array, isNull: boolean): T {
    try {
      return this.decode(bytes, isNull);
    } catch (error) {
      this.fail(error);
      return undefined as T;
    }
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

const NO_BYTES = new Uint8Array(0);

import type { JuteReader, JuteWriter } from '@corral/jute';
import {
  type Acl as WireAcl,
  type CreateMode,
  isContainer,
  isTtl,
  OpCode,
  writeAcls,
} from '@corral/protocol';
import { Operation } from './operation.ts';
import type { Created, Got, NodeData } from './results.ts';
import { readStat, type Stat } from './stat.ts';

export class Create extends Operation<Created> {
  readonly isRepeatable = false;
  readonly #serverPath: string;
  readonly #data: NodeData;
  readonly #acl: readonly WireAcl[];
  readonly #flags: CreateMode;
  readonly #ttlMs: number;
  readonly #strip: (serverPath: string) => string;

  constructor(
    path: string,
    serverPath: string,
    data: NodeData,
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
  readonly #data: NodeData;
  readonly #version: number;

  constructor(path: string, serverPath: string, data: NodeData, version: number) {
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

function writeData(w: JuteWriter, data: NodeData): void {
  if (typeof data === 'string') w.writeString(data);
  else w.writeBuffer(data);
}

const NO_BYTES = new Uint8Array(0);

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Acl } from '@corral/client';
import { validatePath } from '@corral/protocol';
import type { CopiedNode } from './copied-node.ts';
import { CommandError, ExitCode } from './exit-code.ts';
import { dataJson } from './node-data.ts';

/** A node of a megabyte is about 1.4 of text; whoever has raised jute.maxbuffer may have larger ones. */
const LINE_BYTES_MAX = 64 * 1024 * 1024;

/**
 * The lines of an export, JSON each: what it is, the nodes, parents before children, by their path below the root, and last
 * how many there are, with the SHA-256 of all bytes before. Without the last line it is no export.
 */
export class ExportWriter {
  readonly #hash = createHash('sha256');
  #nodes = 0;

  get nodes(): number {
    return this.#nodes;
  }

  header(root: string): object {
    return this.#told({ format: FORMAT, version: VERSION, root });
  }

  /** @param path below the root; `/` is the root itself */
  node({ path, data, acl }: CopiedNode): object {
    this.#nodes++;
    return this.#told({ path, ...dataJson(data), acl });
  }

  trailer(): object {
    return { nodes: this.#nodes, sha256: this.#hash.digest('hex') };
  }

  #told(record: object): object {
    this.#hash.update(`${JSON.stringify(record)}\n`);
    return record;
  }
}

export interface ExportReader {
  /** Where the nodes were. */
  readonly root: string;
  /** As they are read: only behind the last one it is known that none is damaged. */
  readonly nodes: AsyncIterable<CopiedNode>;
}

/** @throws CommandError where the file is damaged, cut off or none: with the line, here or from `nodes` */
export async function readExport(file: string): Promise<ExportReader> {
  const lines = linesOf(file);
  try {
    return await readLines(file, lines);
  } catch (error) {
    await lines.return(undefined);
    throw error;
  }
}

async function readLines(file: string, lines: AsyncGenerator<Buffer, undefined>): Promise<ExportReader> {
  const hash = createHash('sha256');
  const first = await lines.next();
  if (first.done === true) throw damaged(file, 1, 'is empty');
  const header = parseLine(file, 1, first.value);
  const { format, version, root } = header;
  if (format !== FORMAT) throw damaged(file, 1, 'does not begin an export');
  if (version !== VERSION)
    throw damaged(file, 1, `is of the version ${String(version)}, and ${VERSION} is known`);
  if (typeof root !== 'string' || validatePath(root) !== undefined)
    throw damaged(file, 1, 'has no path as its root');
  hash.update(first.value).update('\n');
  return { root, nodes: nodesOf() };

  async function* nodesOf(): AsyncGenerator<CopiedNode, undefined> {
    try {
      yield* wholeNodes();
      return undefined;
    } finally {
      // It closes the file, also where that is refused in the middle.
      await lines.return(undefined);
    }
  }

  async function* wholeNodes(): AsyncGenerator<CopiedNode, undefined> {
    let nodes = 0;
    for (let line = 2; ; line++) {
      const next = await lines.next();
      if (next.done === true) throw damaged(file, line, 'is missing: the file was cut off');
      const record = parseLine(file, line, next.value);
      if ('sha256' in record) {
        if (record['nodes'] !== nodes)
          throw damaged(file, line, `tells another count of nodes than ${nodes}`);
        if (record['sha256'] !== hash.digest('hex')) throw damaged(file, line, 'tells another checksum');
        if ((await lines.next()).done !== true) throw damaged(file, line + 1, 'stands behind the end');
        return undefined;
      }
      hash.update(next.value).update('\n');
      yield nodeOf(file, line, record);
      nodes++;
    }
  }
}

function nodeOf(file: string, line: number, record: Readonly<Record<string, unknown>>): CopiedNode {
  const { path, data, encoding, acl } = record;
  if (typeof path !== 'string' || validatePath(path) !== undefined) throw damaged(file, line, 'has no path');
  if (!Array.isArray(acl) || acl.length === 0 || !acl.every(isAcl)) throw damaged(file, line, 'has no ACL');
  if (data === null) return { path, data, acl };
  if (typeof data !== 'string') throw damaged(file, line, 'has no data');
  if (encoding === 'utf8') return { path, data: Buffer.from(data), acl };
  const bytes = Buffer.from(data, 'base64');
  if (encoding !== 'base64' || bytes.toString('base64') !== data)
    throw damaged(file, line, 'has data that are no base64');
  return { path, data: bytes, acl };
}

function isAcl(entry: unknown): entry is Acl {
  const { scheme, id, perms } = (entry ?? {}) as Partial<Record<keyof Acl, unknown>>;
  return (
    typeof scheme === 'string' &&
    typeof id === 'string' &&
    typeof perms === 'string' &&
    /^[cdrwa]*$/.test(perms)
  );
}

function parseLine(file: string, line: number, bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const record: unknown = JSON.parse(bytes.toString());
    if (typeof record === 'object' && record !== null) return record as Readonly<Record<string, unknown>>;
  } catch {
    // Told below.
  }
  throw damaged(file, line, 'is no JSON object');
}

async function* linesOf(file: string): AsyncGenerator<Buffer, undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  let line = 1;
  for await (const chunk of chunksOf(file)) {
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      yield Buffer.concat([...parts, chunk.subarray(at, end)]);
      at = end + 1;
      parts = [];
      length = 0;
      line++;
    }
    parts.push(chunk.subarray(at));
    length += chunk.length - at;
    if (length > LINE_BYTES_MAX) throw damaged(file, line, `is longer than ${LINE_BYTES_MAX} bytes`);
  }
  if (length > 0) throw damaged(file, line, 'has no end: the file was cut off');
  return undefined;
}

async function* chunksOf(file: string): AsyncGenerator<Buffer, undefined> {
  try {
    for await (const chunk of createReadStream(file)) yield chunk as Buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new CommandError(ExitCode.usage, `${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return undefined;
}

function damaged(file: string, line: number, problem: string): CommandError {
  return new CommandError(ExitCode.usage, `${file}: line ${line} ${problem}`);
}

const FORMAT = 'corral-export';
const VERSION = 1;
const NEWLINE = 0x0a;

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process did to files, in the order in which it was done. */
export type Call =
  | { readonly kind: 'open'; readonly path: string; readonly isNew: boolean; readonly isCut: boolean }
  | { readonly kind: 'write'; readonly path: string; readonly at: number | undefined; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'sync'; readonly path: string; readonly begunAt: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'unlink' | 'mkdir'; readonly path: string };

const CALLS =
  'openat,write,pwrite64,writev,pwritev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat';

/** Why system calls cannot be recorded here; undefined where they can. */
export function whyNotRecorded(): string | undefined {
  const { status, error } = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']);
  return status === 0 ? undefined : `strace does not run here (${error?.message ?? `status ${status}`})`;
}

/** Runs a script to its end; gives what it did below `directory`. `begunAt` counts from `first`. */
export function recordCalls(
  script: string,
  args: readonly string[],
  directory: string,
  trace: string,
  first = 0,
): Call[] {
  const tracing = ['-f', '-y', '-qq', '-xx', '-s', '4000000', '-e', `trace=${CALLS}`, '-o', trace];
  const { status, stderr } = spawnSync('strace', [...tracing, process.execPath, script, ...args]);
  if (status !== 0) throw new Error(`the recorded process ended with ${status}: ${stderr.toString()}`);
  return readCalls(readFileSync(trace, 'latin1'), directory, first);
}

function readCalls(trace: string, directory: string, first: number): Call[] {
  const unfinished = new Map<string, { readonly start: string; readonly begunAt: number }>();
  const calls: Call[] = [];
  for (const line of trace.split('\n')) {
    const [, pid, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (pid === undefined || rest === undefined) continue;
    if (rest.endsWith('<unfinished ...>')) {
      unfinished.set(pid, {
        start: rest.slice(0, -'<unfinished ...>'.length),
        begunAt: first + calls.length,
      });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const pending = resumed === null ? undefined : unfinished.get(pid);
    if (resumed !== null) unfinished.delete(pid);
    const whole = pending === undefined ? rest : pending.start + resumed![1]!;
    const call = readCall(whole, pending?.begunAt ?? first + calls.length);
    if (call?.path.startsWith(directory) === true) calls.push(call);
  }
  return calls;
}

function readCall(line: string, begunAt: number): Call | undefined {
  const [, name, rest, result] = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(line) ?? [];
  if (name === undefined || rest === undefined || Number(result) < 0) return undefined;
  const file = text(/^\d+<([^>]*)>/.exec(rest)?.[1] ?? '');
  const strings = [...rest.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => hex!);
  switch (name) {
    case 'openat': {
      const isNew = rest.includes('O_CREAT');
      return { kind: 'open', path: text(strings[0]!), isNew, isCut: rest.includes('O_TRUNC') };
    }
    case 'write':
      return {
        kind: 'write',
        path: file,
        at: undefined,
        bytes: bytesOf(strings[0]!).subarray(0, Number(result)),
      };
    case 'pwrite64': {
      const at = Number(/, (\d+) *$/.exec(rest)![1]);
      return { kind: 'write', path: file, at, bytes: bytesOf(strings[0]!).subarray(0, Number(result)) };
    }
    case 'ftruncate':
      return { kind: 'truncate', path: file, size: Number(/, (\d+) *$/.exec(rest)![1]) };
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', path: file, begunAt };
    case 'rename':
    case 'renameat':
    case 'renameat2':
      return { kind: 'rename', path: text(strings[0]!), to: text(strings[1]!) };
    case 'unlink':
    case 'unlinkat':
      return { kind: 'unlink', path: text(strings[0]!) };
    case 'mkdir':
    case 'mkdirat':
      return { kind: 'mkdir', path: text(strings[0]!) };
    default:
      throw new Error(`${name} is not understood`);
  }
}

function bytesOf(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll('\\x', ''), 'hex');
}

function text(escaped: string): string {
  return escaped.startsWith('\\x') ? bytesOf(escaped).toString() : escaped;
}

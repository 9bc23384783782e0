import { oneLine } from './servers.ts';

/** One line of `cons` (Java: ServerCnxn.dumpConnectionInfo). What it does not tell is empty. */
export interface ConnectionLine {
  /** `/10.0.0.7:50312`, as it is written, without the slash. */
  readonly client: string;
  /** `0x1000...`; empty for a connection without a session, as that which asks. */
  readonly session: string;
  readonly values: ReadonlyMap<string, string>;
}

/** What `cons` says. */
export function connectionLines(text: string): readonly ConnectionLine[] {
  const found: ConnectionLine[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*\/?(\S+?)\[\d+\]\((.*)\)\s*$/.exec(line);
    if (match === null) continue;
    const values = new Map<string, string>();
    for (const part of match[2]!.split(',')) {
      const equals = part.indexOf('=');
      if (equals > 0) values.set(part.slice(0, equals), oneLine(part.slice(equals + 1)));
    }
    found.push({ client: oneLine(match[1]!), session: values.get('sid') ?? '', values });
  }
  return found;
}

/** The paths below each session of `dump` (its ephemeral nodes) and `wchc` (its watches). */
export function pathsBySession(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let paths: string[] | undefined;
  for (const line of text.split('\n')) {
    const session = /^(0x[\da-f]{1,16}):?\s*$/.exec(line)?.[1];
    if (session !== undefined) {
      paths = found.get(session) ?? [];
      found.set(session, paths);
    } else if (paths !== undefined && /^\s+\//.test(line)) paths.push(oneLine(line));
    else if (line.trim() !== '') paths = undefined;
  }
  return found;
}

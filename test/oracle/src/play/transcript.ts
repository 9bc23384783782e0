import type { Line } from '../wire/line.ts';

/** Everything a server said while a script was played, in order of arrival on each connection. */
export interface Transcript {
  /** By connection; replies to `auth` stand apart, for they may overtake earlier requests. */
  readonly streams: ReadonlyMap<string, readonly Entry[]>;
  /** The newest zxid that any reply had shown when the step was over, by step. */
  readonly zxidAfter: readonly bigint[];
  /** Zxids under which sessions were closed: the events of one close come in no particular order. */
  readonly closes: ReadonlySet<bigint>;
}

export interface Entry extends Line {
  /** The step during which it arrived; an event may arrive during a later step than the one that caused it. */
  readonly step: number;
  readonly isEvent: boolean;
}

export function printed(transcript: Transcript): string {
  const lines: string[] = [];
  for (const [name, entries] of transcript.streams) {
    for (const entry of entries) lines.push(`${name} ${printedEntry(entry)}`);
  }
  return lines.join('\n');
}

export function printedEntry(entry: Entry): string {
  let next = 0;
  return entry.text.replaceAll('#', (sign) => (next < entry.zxids.length ? `${entry.zxids[next++]}` : sign));
}

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** What a transcript is played against: knows the verbs, and prints what each of them made happen. */
export interface Scenario {
  /** @param command the words behind `> ` */
  run(command: string): readonly string[];
}

/**
 * Plays `transcripts/<prefix>*.txt`, each against a scenario of its own, and compares what happens with what stands there.
 *
 * A transcript is text. `#` begins a remark; `> ` a command; the indented lines below it are what it made happen, all of
 * it. With CORRAL_TRANSCRIPTS=rewrite in the environment what happens is written into the file instead: commit such a
 * change only if you can explain every line of it.
 */
export function describeTranscripts(prefix: string, begin: () => Scenario): void {
  const isRewriting = process.env['CORRAL_TRANSCRIPTS'] === 'rewrite';
  describe(`transcripts/${prefix}*.txt`, () => {
    for (const name of readdirSync(FOLDER).toSorted()) {
      if (!name.startsWith(prefix) || !name.endsWith('.txt')) continue;
      it(titleOf(name), () => {
        const file = new URL(name, FOLDER);
        const expected = readFileSync(file, 'utf8');
        const observed = play(expected, begin());
        if (isRewriting) writeFileSync(file, observed);
        expect(observed).toBe(isRewriting ? observed : expected);
      });
    }
  });
}

function play(transcript: string, scenario: Scenario): string {
  const lines: string[] = [];
  for (const line of transcript.trimEnd().split('\n')) {
    if (line.startsWith('  ')) continue;
    lines.push(line);
    if (line.startsWith('> ')) lines.push(...scenario.run(line.slice(2)).map((output) => `  ${output}`));
  }
  return `${lines.join('\n')}\n`;
}

/** `leader-trunc-within-an-epoch.txt` shows "leader trunc within an epoch". */
function titleOf(file: string): string {
  return file.replace(/\.txt$/, '').replaceAll('-', ' ');
}

const FOLDER = new URL('../transcripts/', import.meta.url);

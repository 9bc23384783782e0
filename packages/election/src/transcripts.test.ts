import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { play } from '../test/transcript.ts';

/**
 * The specification as scripts: `transcripts/*.txt`, the commands explained in `test/transcript.ts`. With
 * CORRAL_TRANSCRIPTS=write the observed lines are written anew; commit them if you can explain every line that changed.
 */
const folder = new URL('../transcripts/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));

describe('an election goes as the transcript says', () => {
  it.each(names)('%s', (name) => {
    const file = new URL(name, folder);
    const observed = play(readFileSync(file, 'utf8'));
    if (process.env['CORRAL_TRANSCRIPTS'] === 'write') writeFileSync(file, observed);
    expect(observed).toBe(readFileSync(file, 'utf8'));
  });
});

import { expect, it } from 'vitest';
// @boundaries-ignore the transcripts of the core's own specs serve here too; they are not packed
import { play } from '../../../../packages/election/test/transcript.ts';
// @boundaries-ignore the transcripts of the core's own specs serve here too; they are not packed
import { LeaderScenario } from '../../../../packages/zab/test/leader-scenario.ts';
// @boundaries-ignore the transcripts of the core's own specs serve here too; they are not packed
import { LearnerScenario } from '../../../../packages/zab/test/learner-scenario.ts';

/**
 * A core, step by step: what it is given (`> ` and the indented lines under it are all that it does then) stands in the
 * scenario itself. The words are explained at `LearnerScenario`, `LeaderScenario` and, for elections, at `play`.
 */
export function learnerTranscript(title: string, transcript: string): void {
  it(title, () => expect(replayed(transcript, new LearnerScenario())).toBe(trimmed(transcript)));
}

export function leaderTranscript(title: string, transcript: string): void {
  it(title, () => expect(replayed(transcript, new LeaderScenario())).toBe(trimmed(transcript)));
}

export function electionTranscript(title: string, transcript: string): void {
  it(title, () => expect(play(trimmed(transcript))).toBe(trimmed(transcript)));
}

function replayed(transcript: string, core: LearnerScenario | LeaderScenario): string {
  return trimmed(transcript)
    .split('\n')
    .filter((line) => !line.startsWith('  '))
    .flatMap((line) => {
      if (!line.startsWith('> ')) return [line];
      return [line, ...core.run(line.slice(2)).map((output) => `  ${output}`)];
    })
    .join('\n');
}

function trimmed(transcript: string): string {
  return transcript.replace(/^\n/, '').trimEnd();
}

import { LeaderScenario } from '../test/leader-scenario.ts';
import { describeTranscripts } from '../test/transcript.ts';

describeTranscripts('leader-', () => new LeaderScenario());

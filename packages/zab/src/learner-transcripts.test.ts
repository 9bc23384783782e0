import { LearnerScenario } from '../test/learner-scenario.ts';
import { describeTranscripts } from '../test/transcript.ts';

describeTranscripts('learner-', () => new LearnerScenario());

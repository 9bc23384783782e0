import { ObserverMasterScenario } from '../test/observer-master-scenario.ts';
import { describeTranscripts } from '../test/transcript.ts';

describeTranscripts('observer-master-', () => new ObserverMasterScenario());

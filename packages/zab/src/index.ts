export { Leader } from './leader.ts';
export type { LeaderOptions } from './leader-options.ts';
export { CommittedLog, type CommittedLogOptions } from './committed-log.ts';
export { ObserverMaster, type ObserverMasterOptions } from './observer-master.ts';
export { Learner, type LearnerOptions } from './learner.ts';
export type { LearnerInput, LearnerOutput } from './learner-step.ts';
export type { ObserverMasterInput, ObserverMasterOutput } from './observer-master-step.ts';
export type { Link, LeaderInput, LeaderOutput, LogExtent } from './leader-step.ts';

export { Learner, type LearnerOptions } from './learner.ts';
export type { LearnerInput, LearnerOutput } from './learner-step.ts';
export type { Link, LeaderInput, LeaderOutput, LogExtent } from './leader-step.ts';

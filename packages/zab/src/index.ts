export type { Link, LeaderInput, LeaderOutput, LogExtent } from './leader-step.ts';
export type { LearnerInput, LearnerOutput } from './learner-step.ts';

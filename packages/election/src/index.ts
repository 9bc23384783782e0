export type { Vote } from './vote.ts';
export type { ElectionInput, ElectionOutput } from './election-step.ts';

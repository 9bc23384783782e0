export { Election, type ElectionOptions } from './election.ts';
export type { ElectionInput, ElectionOutput } from './election-step.ts';
export type { Vote } from './vote.ts';

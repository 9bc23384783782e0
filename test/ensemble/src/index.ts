export { Ensemble, type EnsembleOptions } from './harness/ensemble.ts';
export { type Member } from './harness/member.ts';

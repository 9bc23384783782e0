import type { Mutant } from './mutant.ts';
import { electionMutants } from './mutants/election.ts';
import { leaderMutants } from './mutants/leader.ts';
import { learnerMutants } from './mutants/learner.ts';
import { requestMutants } from './mutants/requests.ts';
import { sessionMutants } from './mutants/sessions.ts';
import { storageMutants } from './mutants/storage.ts';
import { watchMutants } from './mutants/watches.ts';

export const mutants: readonly Mutant[] = [
  ...electionMutants,
  ...leaderMutants,
  ...learnerMutants,
  ...storageMutants,
  ...requestMutants,
  ...sessionMutants,
  ...watchMutants,
];

/** @throws RangeError where there is none */
export function mutantCalled(name: string): Mutant {
  const mutant = mutants.find((one) => one.name === name);
  if (mutant === undefined) throw new RangeError(`there is no mutant ${name}`);
  return mutant;
}

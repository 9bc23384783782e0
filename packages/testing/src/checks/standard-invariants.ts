import type { Invariant } from '../invariant.ts';
import { clientInvariants } from './client.ts';
import { epochInvariants } from './epochs.ts';
import { transactionInvariants } from './transactions.ts';
import { treeInvariants } from './tree.ts';
import { writeInvariants } from './writes.ts';
import { zabInvariants } from './zab.ts';

/** All that this package watches. */
export const standardInvariants: readonly Invariant[] = [
  ...zabInvariants,
  ...epochInvariants,
  ...treeInvariants,
  ...transactionInvariants,
  ...clientInvariants,
  ...writeInvariants,
];

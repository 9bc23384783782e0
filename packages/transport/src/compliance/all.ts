import { bytesCases } from './bytes-cases.ts';
import type { TransportCase } from './case.ts';
import { endingCases } from './ending-cases.ts';
import { portCases } from './port-cases.ts';

/** The contract, sentence by sentence. Run each case on a fresh subject; those that need more than it has do not apply. */
export const transportCompliance: readonly TransportCase[] = [...portCases, ...bytesCases, ...endingCases];

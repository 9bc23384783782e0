import {
  apache38,
  apache39 as findApache39,
  candidate,
  type Missing,
  type ServerProgram,
} from '@corral-test/oracle';

export const corral: ServerProgram | Missing = candidate();
export const apache39: ServerProgram | Missing = findApache39();

export const apaches: readonly (readonly [version: string, program: ServerProgram | Missing])[] = [
  ['Apache 3.8', apache38()],
  ['Apache 3.9', apache39],
];

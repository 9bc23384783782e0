import { candidate, type ServerProgram } from '@corral-test/oracle';

/** Corral, or what `SERVER_CMD` names; there is no suite here without it. */
export const corral: ServerProgram = here();

export function times(count: number, program: ServerProgram): ServerProgram[] {
  return Array.from({ length: count }, () => program);
}

function here(): ServerProgram {
  const program = candidate();
  if ('missing' in program) throw new Error(`${program.missing} is not there`);
  return program;
}

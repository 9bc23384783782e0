import type { Ability } from '../machine/abilities.ts';
import type { Arena } from '../arena.ts';

export interface Fault {
  /** As `--faults` names it. */
  readonly name: string;
  readonly needs: readonly Ability[];
  readonly weight: number;
  /** Nothing else is broken while it runs, and all members are equally far when it begins. */
  readonly isAlone?: boolean;
  /** Does it and mends it; does nothing where nobody may be struck now. */
  run(arena: Arena): Promise<void>;
}

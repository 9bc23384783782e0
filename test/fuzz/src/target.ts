import type { Dice } from './dice.ts';

/** Something that reads bytes from others. */
export interface Target {
  readonly name: string;
  /** To be awaited once before anything else. */
  readonly prepare?: () => Promise<void>;
  /** Valid bytes of some kind. */
  readonly valid: (dice: Dice) => Uint8Array;
  /**
   * Reads them, in pieces where they come so; `dice` decides the pieces. Throws, or rejects with, one of `refusals`
   * where it refuses them; anything else is a finding.
   */
  readonly read: (bytes: Uint8Array, dice: Dice) => void | Promise<void>;
  /** How it refuses. */
  readonly refusals: readonly (abstract new (...args: never[]) => Error)[];
  /** How many bytes one input may cost, its own not counted. */
  readonly memoryMax: number;
  /** How it weighs in the number of inputs: large for what is quick. */
  readonly weight: number;
}

/** Twice the longest frame of a client. */
export const TWO_FRAMES: number = 2 * 0xf_ffff;

import type { Command } from '../command.ts';

/** A command by its names; its file is read when somebody asks for it. */
export interface CommandEntry {
  readonly names: readonly [string, ...string[]];
  load(): Promise<Command>;
}

/** All commands, in the order in which help shows them. A group has a folder where it has many. */
export const commands: readonly CommandEntry[] = [
  { names: ['ls'], load: async () => (await import('./ls.ts')).ls },
];

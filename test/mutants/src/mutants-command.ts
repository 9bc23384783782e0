import { type Command, HELP, readCommandLine } from './command-line.ts';
import { Hunts } from './hunts.ts';

/** `pnpm mutants`: see `--help`. A seed counts where nothing is wrong with it without the bug. */
process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = readCommandLine(words);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nSee pnpm mutants --help.`);
    return 2;
  }
  if (command.isHelp) {
    console.log(HELP);
    return 0;
  }
  return new Hunts(command).run();
}

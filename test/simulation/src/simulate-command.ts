import { audit } from './audit.ts';
import { type Command, HELP, readCommandLine } from './command-line.ts';
import { runSeeds } from './run-seeds.ts';
import { shrinkSeed } from './shrink-seed.ts';
import { verifyManifest } from './verify-manifest.ts';

/** `pnpm simulate`: see `--help`. */
process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = readCommandLine(words);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nSee pnpm simulate --help.`);
    return 2;
  }
  switch (command.mode) {
    case 'help':
      console.log(HELP);
      return 0;
    case 'shrink':
      return shrinkSeed(command);
    case 'audit':
      return audit(command);
    case 'verify':
      return verifyManifest(command);
    default:
      return runSeeds(command);
  }
}

import { Campaign } from './campaign.ts';
import { allFaults } from './faults/index.ts';
import { judge } from './judge.ts';
import { clearAbandoned } from './machine/leftovers.ts';
import { type Command, helpText, readCommand } from './options.ts';

/** `pnpm chaos`: see `--help`, and README.md for what is done and what must be so. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const INTERRUPTED = 130;

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const faultNames = allFaults.map(({ name }) => name);
  let command: Command;
  try {
    command = readCommand(words, faultNames);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nSee pnpm chaos --help.`);
    return 2;
  }
  if (command.word === 'help') {
    console.log(helpText(faultNames));
    return 0;
  }
  if (command.word === 'check') {
    const { violations, undecided } = judge(command.file, {
      sync: 'quorum',
      expirySlackMs: command.expirySlackMs,
    });
    for (const line of [...violations, ...undecided]) console.log(line);
    console.log(`${violations.length} violations, ${undecided.length} undecided`);
    return violations.length === 0 ? 0 : 1;
  }
  for (const name of clearAbandoned()) console.log(`cleared away: ${name}`);
  if (command.word === 'clean') return 0;

  const { options } = command;
  const campaign = new Campaign(options);
  const onSignal = (): void => {
    console.log(campaign.isInterrupted ? 'clearing away at once' : 'mending, and clearing away');
    if (campaign.isInterrupted) void campaign.release().finally(() => process.exit(INTERRUPTED));
    campaign.interrupt();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  console.log(`seed ${options.seed}`);
  await campaign.storm();
  for (const signal of SIGNALS) process.off(signal, onSignal);
  if (campaign.isInterrupted) return INTERRUPTED;
  const { problems, verdict } = campaign.judge();
  console.log(verdict);
  return problems.length === 0 ? 0 : 1;
}

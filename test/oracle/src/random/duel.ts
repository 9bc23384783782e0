import { firstDifference, type Allowances, type Difference } from '../play/compare.ts';
import { Player } from '../play/player.ts';
import type { Step } from '../play/step.ts';
import type { Transcript } from '../play/transcript.ts';
import { ServerProcess, type ServerOptions } from '../servers/server-process.ts';
import type { ServerProgram } from '../servers/program.ts';

/** Long sessions, and nothing that happens by itself: what a run shows is then only what it asked for. */
const quiet: ServerOptions = {
  config: { tickTime: 10_000, extendedTypesEnabled: 'true' },
  properties: { 'znode.container.checkIntervalMs': '3600000', 'zookeeper.forceSync': 'no' },
};

export interface Duel {
  readonly left: Transcript;
  readonly right: Transcript;
  readonly difference: Difference | undefined;
}

/** The same script on two fresh servers, side by side. */
export async function duel(
  left: ServerProgram,
  right: ServerProgram,
  steps: readonly Step[],
  allowances: Allowances = {},
): Promise<Duel> {
  const [a, b] = await Promise.all([played(left, steps), played(right, steps)]);
  return { left: a, right: b, difference: firstDifference(steps, a, b, allowances) };
}

async function played(program: ServerProgram, steps: readonly Step[]): Promise<Transcript> {
  await using server = await ServerProcess.start(program, quiet);
  const player = new Player(server.port);
  try {
    return await player.play(steps);
  } catch (error) {
    throw new Error(`${program.name}: ${String(error)}\n${server.log().slice(-2000)}`, { cause: error });
  } finally {
    await player.end();
  }
}

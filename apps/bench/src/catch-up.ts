import { OpCode, SetDataRequest } from '@corral/protocol';
import type { Transport } from '@corral/transport';
import { median } from './comparison.ts';
import { Ensemble, type EnsembleOptions } from './ensemble.ts';
import { Stage } from './stage.ts';

export interface CatchUpOptions {
  readonly ensemble: EnsembleOptions;
  readonly missed: number;
  /** Nodes that are written, made while all servers are there: many of them make large snapshots, and the log the shorter way. */
  readonly keys: number;
  /** Of node data. */
  readonly bytes: number;
  readonly rounds: number;
}

/**
 * How long a server takes, from its start, that was down while others wrote: until it says that it follows again.:
 * the same server in each round.
 *
 * @param onCaughtUp milliseconds of a round
 */
export async function measureCatchUp(
  transport: Transport,
  { ensemble: options, missed, keys, bytes, rounds }: CatchUpOptions,
  onCaughtUp: (ms: number) => void,
): Promise<void> {
  const ensemble = await Ensemble.prepare(transport, options);
  try {
    for (let i = 0; i < options.size; i++) ensemble.start(i);
    await ensemble.until('a quorum', async () => (await serving(ensemble)) === options.size);
    const leader = (await ensemble.leader())!;
    const server = leader === 0 ? 1 : 0;
    const stageOptions = { ...STAGE, servers: [ensemble.addresses[leader]!], keys, bytes };
    const stage = await Stage.build(transport, stageOptions, '/corral-bench');
    const paths = Array.from({ length: keys }, (_, i) => `${stage.root}/${i}`);
    await stage.makeNodes(paths);
    for (let round = 0; round < rounds; round++) {
      await ensemble.kill(server);
      await write(stage, paths, missed);
      const startedAt = performance.now();
      ensemble.start(server);
      await ensemble.until('caught up', async () => (await ensemble.modeOf(server)) !== undefined);
      onCaughtUp(performance.now() - startedAt);
    }
    await stage.leave();
  } finally {
    await ensemble.stop();
  }
  await ensemble.remove();
}

export function catchUpRow(missed: number, times: readonly number[]): string {
  const [min, middle, max] = [Math.min(...times), median(times), Math.max(...times)].map(
    (ms) => `${(ms / 1000).toFixed(2)} s`,
  );
  return `${missed} transactions missed, ${times.length} times: from its start to following again min ${min}, median ${middle}, max ${max}\n`;
}

async function serving(ensemble: Ensemble): Promise<number> {
  const modes = await Promise.all(ensemble.addresses.map((_, index) => ensemble.modeOf(index)));
  return modes.filter((mode) => mode !== undefined).length;
}

async function write(stage: Stage, paths: readonly string[], count: number): Promise<void> {
  const data = new Uint8Array(stage.options.bytes);
  const request = new SetDataRequest('', data, -1);
  const { boss } = stage;
  let asked = 0;
  const next = (): SetDataRequest => {
    request.path = paths[asked++ % paths.length]!;
    return request;
  };
  boss.handler = {
    onReply: () => {
      if (asked < count) boss.request(OpCode.setData, next());
    },
  };
  while (asked < Math.min(count, IN_FLIGHT)) boss.request(OpCode.setData, next());
  await stage.guard(boss.idle());
}

const STAGE = {
  connections: 1,
  depth: 1,
  seconds: 60,
  warmupSeconds: 0,
  readPercent: 0,
  writesPerSecond: 1,
};
const IN_FLIGHT = 500;

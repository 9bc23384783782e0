import { memoryStorage } from '@corral/persistence/memory';
import { QuorumConfig } from '@corral/protocol';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import { defaultEnsembleConfig, defaultServerConfig, type Server, startServer } from '@corral/server';
import type { Connection } from '@corral/transport';
import { memoryNetwork, type MemoryNetwork } from '@corral/transport/memory';
import { joined } from '../damage.ts';
import type { Dice } from '../dice.ts';
import { pieces } from '../input.ts';
import { framed } from '../records.ts';
import { type Target, TWO_FRAMES } from '../target.ts';
import { initialMessages, leader, learner, notifications } from './quorum.ts';

/**
 * Members of an ensemble, and a stranger that reaches their election ports and learner ports. He may disturb them, for
 * the protocol knows no passwords; he ends none of them, and left alone they serve again.
 */
export const memberPorts: Target = {
  name: 'member-ports',
  valid(dice) {
    if (dice.once(2)) return dice.pick([leader, learner]).valid(dice);
    const said = [initialMessages.valid(dice)];
    for (let count = dice.length(5); count > 0; count--) said.push(framed(notifications.valid(dice)));
    return joined(...said);
  },
  async read(bytes, dice) {
    if (members === undefined || members.uses++ > USES_MAX) {
      await members?.rest();
      members = await Members.open();
    }
    await members.hear([...pieces(bytes, dice)], dice);
  },
  refusals: [],
  memoryMax: 4 * TWO_FRAMES,
  weight: 10,
};

class Members {
  uses = 0;
  readonly #runtime: SimulatedRuntime;
  readonly #network: MemoryNetwork;
  readonly #servers: Server[] = [];
  #failure: Error | undefined;

  private constructor(runtime: SimulatedRuntime) {
    this.#runtime = runtime;
    this.#network = memoryNetwork({ clock: runtime.clock, random: runtime.random });
  }

  static async open(): Promise<Members> {
    const runtime = new SimulatedRuntime({ seed: 1 });
    const members = new Members(runtime);
    await runtime.clock.until(Promise.all([1, 2].map((sid) => members.#start(sid))));
    await members.rest();
    return members;
  }

  async hear(chunks: readonly Uint8Array[], dice: Dice): Promise<void> {
    const { clock } = this.#runtime;
    const host = dice.pick(['s1', 's2']);
    const port = dice.pick([2888, 3888]);
    let connection: Connection | undefined;
    let isOver = false;
    const handler = { onData() {}, onDrain() {}, onClose: () => void (isOver = true) };
    const dialled = this.#network
      .transport('stranger')
      .connect({ host, port, timeoutMs: 1000 }, (opened) => {
        connection = opened;
        return handler;
      })
      // Only who leads listens to learners.
      .catch(() => undefined);
    await clock.until(dialled);
    for (const chunk of chunks.slice(0, CHUNKS_MAX)) {
      if (isOver) break;
      connection?.write(chunk.slice());
      if (dice.once(16)) await clock.advanceAsync(1);
    }
    await clock.advanceAsync(dice.pick([2, 2, 20]));
    connection?.destroy();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Left alone, they serve. */
  async rest(): Promise<void> {
    for (let waitedMs = 0; !this.#servers.every(({ view }) => view.isServing); waitedMs += STEP_MS) {
      if (waitedMs > PATIENCE_MS) throw new Error('left alone, they do not serve');
      await this.#runtime.clock.advanceAsync(STEP_MS);
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  async #start(sid: number): Promise<void> {
    const server = await startServer({
      config: {
        ...defaultServerConfig,
        serverId: sid,
        clientPort: 2181,
        tickTime: 200,
        ensemble: {
          ...defaultEnsembleConfig,
          initLimit: 10,
          syncLimit: 5,
          lastSeenQuorum: undefined,
          quorum: QuorumConfig.parse(CONFIG),
        },
      },
      runtime: this.#runtime,
      transport: this.#network.transport(`s${sid}`),
      storage: await memoryStorage(),
      logger: silentLogger,
      metrics: collectingMetrics(),
    });
    void server.failed.then((cause) => (this.#failure = cause));
    this.#servers.push(server);
  }
}

let members: Members | undefined;
const CONFIG = 'server.1=s1:2888:3888;2181\nserver.2=s2:2888:3888;2181\nserver.3=s3:2888:3888;2181';
const USES_MAX = 200;
const CHUNKS_MAX = 3000;
const STEP_MS = 50;
const PATIENCE_MS = 120_000;

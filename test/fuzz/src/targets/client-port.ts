import { memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, silentLogger } from '@corral/runtime';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import { defaultServerConfig, type Server, startServer } from '@corral/server';
import type { Connection } from '@corral/transport';
import { memoryNetwork, type MemoryNetwork } from '@corral/transport/memory';
import { joined } from '../damage.ts';
import type { Dice } from '../dice.ts';
import { pieces } from '../input.ts';
import { connectRequest, framed, request } from '../records.ts';
import { type Target, TWO_FRAMES } from '../target.ts';

/** A whole server, and a client that says anything: FourLetterWords, sessions, requests, HTTP. Nothing of it breaks. */
export const clientPort: Target = {
  name: 'client-port',
  valid: saying,
  async read(bytes, dice) {
    if (port === undefined || port.uses++ > USES_MAX) port = await Port.open();
    await port.say([...pieces(bytes, dice)], dice);
  },
  refusals: [],
  memoryMax: 4 * TWO_FRAMES,
  weight: 10,
};

class Port {
  uses = 0;
  readonly #runtime: SimulatedRuntime;
  readonly #network: MemoryNetwork;
  #failure: Error | undefined;

  private constructor(runtime: SimulatedRuntime, network: MemoryNetwork) {
    this.#runtime = runtime;
    this.#network = network;
  }

  static async open(): Promise<Port> {
    const runtime = new SimulatedRuntime({ seed: 1 });
    const network = memoryNetwork({ clock: runtime.clock, random: runtime.random });
    const port = new Port(runtime, network);
    const starting = memoryStorage().then((storage) =>
      startServer({
        config: { ...defaultServerConfig, clientPort: 2181, snapCount: 50 },
        runtime,
        transport: network.transport('server'),
        storage,
        logger: silentLogger,
        metrics: collectingMetrics(),
        sessionPasswordKey: new Uint8Array(32),
      }),
    );
    const server: Server = await runtime.clock.until(starting);
    void server.failed.then((cause) => (port.#failure = cause));
    return port;
  }

  async say(chunks: readonly Uint8Array[], dice: Dice): Promise<void> {
    const { clock } = this.#runtime;
    let connection: Connection | undefined;
    let isOver = false;
    const handler = { onData() {}, onDrain() {}, onClose: () => void (isOver = true) };
    await clock.until(
      this.#network.transport('client').connect({ host: 'server', port: 2181, timeoutMs: 1000 }, (opened) => {
        connection = opened;
        return handler;
      }),
    );
    for (const chunk of chunks.slice(0, CHUNKS_MAX)) {
      if (isOver) break;
      connection!.write(chunk.slice());
      if (dice.once(16)) await clock.advanceAsync(1);
    }
    await clock.advanceAsync(5);
    if (dice.once(2)) connection!.destroy();
    else connection!.end();
    await clock.advanceAsync(5);
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function saying(dice: Dice): Uint8Array {
  if (dice.once(8)) return new TextEncoder().encode(dice.pick(WORDS));
  const said = [framed(connectRequest(dice))];
  for (let count = dice.length(12); count > 0; count--) said.push(framed(request(dice)));
  return joined(...said);
}

let port: Port | undefined;
const USES_MAX = 300;
const CHUNKS_MAX = 3000;
const WORDS = [
  'ruok srvr stat mntr conf cons crst dirs dump envi gtmk hash isro srst stmk wchc wchp wchs kill RUOK'.split(
    ' ',
  ),
  [
    'stmk\0\0\0\0\0\0\0\x01',
    'ruok\n',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  ],
].flat();

import { silentLogger } from '@corral/runtime';
import type { Connection, ConnectionHandler, Listener } from '@corral/transport';
import type { Dice } from '../dice.ts';
import { pieces } from '../input.ts';
import { connectRequest, framed, request } from '../records.ts';
import { type Target, TWO_FRAMES } from '../target.ts';
import { appModule } from './app-module.ts';
import { sayTo } from './local-port.ts';
import { joined } from '../damage.ts';

let port: number | undefined;
let failure: Error | undefined;

/** The port for WebSockets: of each connection the end is told once, and nothing behind it. */
export const webSocketPort: Target = {
  name: 'web-socket-port',
  async prepare() {
    port ??= await open();
  },
  valid: (dice) => {
    const frames = Array.from({ length: 1 + dice.length(8) }, () => frame(dice));
    return dice.once(6) ? joined(handshake(dice), ...frames) : joined(...frames);
  },
  async read(bytes, dice) {
    const isWhole = bytes.length > 3 && Buffer.from(bytes.subarray(0, 3)).toString() === 'GET';
    const said = pieces(bytes, dice);
    await sayTo(port!, isWhole ? said : [SOUND_HANDSHAKE, ...said], dice.once(8));
    if (dice.once(500) && (await sayTo(port!, [SOUND_HANDSHAKE])) === 0)
      throw new Error('the port is silent');
    const found = failure;
    failure = undefined;
    if (found !== undefined) throw found;
  },
  refusals: [],
  memoryMax: 8 * TWO_FRAMES,
  weight: 10,
};

interface Listening {
  webSocketListening(options: object): {
    listen(
      where: { readonly host: string; readonly port: number },
      accept: (connection: Connection) => ConnectionHandler,
    ): Promise<Listener>;
  };
}

async function open(): Promise<number> {
  const { webSocketListening } = await appModule<Listening>('server/src/web-socket/web-socket-listening.ts');
  const listening = webSocketListening({
    origins: ['https://ops.example.com'],
    requireOrigin: false,
    token: undefined,
    connectionsMax: 1000,
    messageMax: 1 << 20,
    handshakeTimeoutMs: 10_000,
    pingIntervalMs: 30_000,
    logger: silentLogger,
  });
  const listener = await listening.listen(
    { host: '127.0.0.1', port: 0 },
    (connection) => new Heard(connection),
  );
  return listener.address.port;
}

/** Says back what it hears, pauses now and then, and ends when it has heard enough. */
class Heard implements ConnectionHandler {
  readonly #connection: Connection;
  #bytes = 0;
  #isOver = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  onData(chunk: Uint8Array): void {
    if (this.#isOver) failure ??= new Error('bytes behind the end of a connection');
    if (chunk.length === 0) failure ??= new Error('no bytes');
    this.#bytes += chunk.length;
    this.#connection.write(chunk.slice());
    if (chunk[0] === 7) {
      this.#connection.pause();
      setImmediate(() => this.#connection.resume());
    }
    if (this.#bytes > ENOUGH_BYTES) this.#connection.end();
  }

  onDrain(): void {
    if (this.#isOver) failure ??= new Error('room behind the end of a connection');
  }

  onClose(): void {
    if (this.#isOver) failure ??= new Error('a connection ended twice');
    this.#isOver = true;
  }
}

function handshake(dice: Dice): Uint8Array {
  const lines = [
    `GET ${dice.pick(['/', '/x', '*', ''])} HTTP/1.1`,
    'Host: x',
    `Upgrade: ${dice.pick(['websocket', 'WebSocket', 'x'])}`,
  ];
  lines.push(`Connection: ${dice.pick(['Upgrade', 'keep-alive, Upgrade', 'close'])}`);
  lines.push(`Sec-WebSocket-Key: ${dice.pick(['dGhlIHNhbXBsZSBub25jZQ==', 'x', ''])}`);
  lines.push(`Sec-WebSocket-Version: ${dice.pick(['13', '8', '99', ''])}`);
  if (dice.once(2))
    lines.push(`Sec-WebSocket-Protocol: ${dice.pick(['zookeeper', 'x, y', ',', 'zookeeper, zookeeper'])}`);
  if (dice.once(3))
    lines.push(
      `Sec-WebSocket-Extensions: ${dice.pick(['permessage-deflate', 'permessage-deflate; client_max_window_bits', ';', 'a;b="'])}`,
    );
  if (dice.once(3))
    lines.push(`Origin: ${dice.pick(['https://ops.example.com', 'null', 'https://evil.example', ''])}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** RFC 6455, 5.2: mostly binary, masked and final. */
function frame(dice: Dice): Uint8Array {
  const opcode = dice.pick([2, 2, 2, 2, 0, 1, 8, 9, 10, 3, 11]);
  const payload = dice.once(2)
    ? framed(dice.once(4) ? connectRequest(dice) : request(dice))
    : dice.bytes(dice.length(dice.once(10) ? 70_000 : 130));
  const isMasked = !dice.once(12);
  const head = [(dice.once(5) ? 0 : 0x80) | (dice.once(20) ? 0x10 << dice.below(3) : 0) | opcode];
  const mask = dice.bytes(4);
  const { length } = payload;
  const bit = isMasked ? 0x80 : 0;
  if (length < 126 && !dice.once(10)) head.push(bit | length);
  else if (length < 65_536 && !dice.once(10)) head.push(bit | 126, length >> 8, length & 0xff);
  else
    head.push(
      bit | 127,
      0,
      0,
      0,
      dice.once(20) ? 0x7f : 0,
      0,
      (length >> 16) & 0xff,
      (length >> 8) & 0xff,
      length & 0xff,
    );
  if (!isMasked) return joined(Uint8Array.from(head), payload);
  return joined(
    Uint8Array.from(head),
    mask,
    payload.map((byte, i) => byte ^ mask[i & 3]!),
  );
}

const SOUND_HANDSHAKE = Buffer.from(
  'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
);
const ENOUGH_BYTES = 200_000;

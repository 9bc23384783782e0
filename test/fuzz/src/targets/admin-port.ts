import { memoryStorage } from '@corral/persistence/memory';
import { collectingMetrics, type Logger, silentLogger } from '@corral/runtime';
import { nodeRuntime } from '@corral/runtime/node';
import { defaultServerConfig, startServer, type Server } from '@corral/server';
import { memoryNetwork } from '@corral/transport/memory';
import { SimulatedRandom } from '@corral/runtime/simulated';
import type { Dice } from '../dice.ts';
import { pieces } from '../input.ts';
import { type Target, TWO_FRAMES } from '../target.ts';
import { appModule } from './app-module.ts';
import { sayTo } from './local-port.ts';
import { joined } from '../damage.ts';

let port: number | undefined;
let failure: Error | undefined;

/** The commands over HTTP of a server that runs: whatever is said, no command fails, and the port goes on. */
export const adminPort: Target = {
  name: 'admin-port',
  async prepare() {
    port ??= await open();
  },
  valid: request,
  async read(bytes, dice) {
    await sayTo(port!, pieces(bytes, dice), dice.once(8));
    if (dice.once(500) && (await sayTo(port!, [RUOK])) === 0) throw new Error('the port is silent');
    const found = failure;
    failure = undefined;
    if (found !== undefined) throw found;
  },
  refusals: [],
  memoryMax: 8 * TWO_FRAMES,
  weight: 10,
};

interface AdminApp {
  adminApp(options: object): { readonly fetch: unknown };
}

interface Http {
  readonly HttpPort: { open(fetch: unknown, options: object): Promise<{ readonly port: number }> };
}

interface Settings {
  readonly defaultAdminSettings: object;
}

async function open(): Promise<number> {
  const { adminApp } = await appModule<AdminApp>('server/src/admin/admin-app.ts');
  const { HttpPort } = await appModule<Http>('server/src/admin/http-port.ts');
  const { defaultAdminSettings } = await appModule<Settings>('server/src/admin/settings.ts');
  const server = await serving();
  const settings = { ...defaultAdminSettings, port: 0, address: '127.0.0.1', rateLimiterIntervalMs: 0 };
  const app = adminApp({
    settings,
    server,
    environment: { initialConfig: '', systemProperties: () => ({}), snapshotFiles: undefined },
    folders: [],
    logger: noting,
    metrics: collectingMetrics(),
    now: () => performance.now(),
  });
  return (await HttpPort.open(app.fetch, { ...settings, logger: noting })).port;
}

/** An error that a command let go is logged, and nothing else tells of it. */
const noting: Logger = {
  ...silentLogger,
  error(fields: unknown, text: string) {
    const { error } = fields as { readonly error?: unknown };
    failure ??= error instanceof Error ? error : new Error(text);
  },
};

async function serving(): Promise<Server> {
  const runtime = nodeRuntime();
  const network = memoryNetwork({ clock: runtime.clock, random: new SimulatedRandom(1) });
  const server = await startServer({
    config: {
      ...defaultServerConfig,
      digestAuth: { ...defaultServerConfig.digestAuth, superDigest: 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=' },
    },
    runtime,
    transport: network.transport('server'),
    storage: await memoryStorage(),
    logger: silentLogger,
    metrics: collectingMetrics(),
  });
  void server.failed.then((cause) => (failure = cause));
  return server;
}

function request(dice: Dice): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let count = dice.pick([1, 1, 1, 2, 3]); count > 0; count--) parts.push(oneRequest(dice));
  return joined(...parts);
}

function oneRequest(dice: Dice): Uint8Array {
  const name = dice.once(8) ? dice.pick(STRANGE_PATHS) : `/commands/${dice.pick(COMMANDS)}`;
  const query = dice.once(2) ? '' : `?${dice.pick(QUERIES)}`;
  const body = dice.once(4) ? dice.bytes(dice.length(600)) : new Uint8Array(0);
  const isChunked = body.length > 0 && dice.once(3);
  const method = dice.pick([
    'GET',
    'GET',
    'GET',
    'POST',
    'POST',
    'HEAD',
    'PUT',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'CONNECT',
  ]);
  const lines = [`${method} ${name}${query} HTTP/${dice.pick(['1.1', '1.1', '1.0', '2.0'])}`];
  lines.push(`Host: ${dice.pick(['localhost', '127.0.0.1:8080', 'evil.example', '', '[', 'a b'])}`);
  if (isChunked) lines.push('Transfer-Encoding: chunked');
  else if (body.length > 0) lines.push(`Content-Length: ${dice.once(8) ? dice.int() : body.length}`);
  for (let count = dice.length(5); count > 0; count--) lines.push(dice.pick(HEADERS));
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (!isChunked) return joined(head, body);
  return joined(head, Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n'));
}

const RUOK = Buffer.from('GET /commands/ruok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
const COMMANDS =
  'configuration connections connection_stat_reset dirs dump environment get_trace_mask hash initial_configuration is_read_only last_snapshot leader monitor observer_connection_stat_reset restore ruok server_stats set_trace_mask snapshot stats stat_reset system_properties voting_view watch_summary watches watches_by_path zabstate shed_connections mntr stmk snap conf cons nope'.split(
    ' ',
  );
const STRANGE_PATHS = [
  '/',
  '/commands',
  '/commands/',
  '/commands//ruok',
  '/commands/%00',
  '/commands/%ff',
  '/commands/%',
  '/commands/../../etc/passwd',
  '/livez',
  '/readyz',
  '/metrics',
  '*',
  'http://x/commands/ruok',
  '/commands/ruok#x',
  '/commands/__proto__',
  '/commands/constructor',
  '//',
  '/\u00e9',
];
const QUERIES = [
  'streaming=false',
  'streaming=true',
  'streaming',
  'traceMask=1',
  'traceMask=x',
  'percentage=50',
  'percentage=-1',
  'percentage=1e309',
  'a=1&a=2',
  '=',
  '%=%',
  '__proto__=1',
  'x=%ff%fe',
  '&&&',
];
const HEADERS = [
  'Authorization: digest super:test',
  'Authorization: digest super:test',
  'Authorization: digest',
  'Authorization: digest :',
  'Authorization: ip 127.0.0.1',
  'Authorization: \u00ff',
  'Connection: close',
  'Connection: keep-alive, upgrade',
  'Upgrade: websocket',
  'Expect: 100-continue',
  'Expect: x',
  'Content-Type: application/octet-stream',
  'X-Forwarded-For: 127.0.0.1',
  'Accept-Encoding: gzip',
  'Range: bytes=0-',
  'Content-Length: 5',
  'Cookie: a=b',
];

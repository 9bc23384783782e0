import type { Registration, ServiceInstance, ServiceInstanceInput } from '@corral/recipes';
import type { Call, Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { numberOf } from '../../numbers.ts';
import { runProgram } from '../../run-program.ts';
import { untilAborted } from '../../until-aborted.ts';
import { type Recipes, timeoutFlag, waitOf, withRecipes } from './with-recipes.ts';

export const service: Command = {
  names: ['service'],
  group: 'recipes',
  usage: 'path list [name] | watch name | register name [--address host] [--port N] [-- program ...]',
  summary:
    "finds and registers services in Curator's format, below a path; one is registered until Ctrl-C, or while its program runs",
  example: 'service /services register web --port 80 -- ./web.sh',
  flags: [
    { name: '--id', value: 'text', summary: 'of the instance; one that nobody else has by default' },
    { name: '--address', value: 'host', summary: 'where it is; the name of this machine by default' },
    { name: '--port', value: 'N', summary: 'where it listens' },
    { name: '--ssl-port', value: 'N', summary: 'where it listens for TLS' },
    { name: '--uri', value: 'text', summary: 'how it is reached: {scheme}://{address}:{port}/path' },
    { name: '--payload', value: 'JSON', summary: 'what else is to be known of it' },
    timeoutFlag,
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'list|watch|register', kind: 'word' },
    { name: 'name', kind: 'word', isOptional: true },
    { name: 'program', kind: 'word', isOptional: true, isRest: true },
  ],
  async run(call) {
    const [path, what, name, ...program] = call.words.operands as [string, string, string?, ...string[]];
    if (!WHAT.has(what))
      throw new CommandError(ExitCode.usage, `service knows no ${what}: list, watch, register`);
    if (name === undefined && what !== 'list')
      throw new CommandError(ExitCode.usage, `${what} wants the name of a service`);
    return withRecipes(async (recipes) => {
      if (what === 'register') return register(call, recipes, path, name!, program);
      return what === 'list' ? list(call, recipes, path, name) : watch(call, recipes, path, name!);
    });
  },
};

async function list(
  call: Call,
  { discovery, uriOf }: Recipes,
  path: string,
  name: string | undefined,
): Promise<void> {
  const { client, out, signal } = call;
  const services = discovery(client, path, {
    payloads: { toJson: (payload: unknown) => payload, fromJson: (value) => value },
    onError: (error) => out.note(error instanceof Error ? error.message : String(error)),
  });
  const names = name === undefined ? (await services.names({ signal })).toSorted() : [name];
  for (const each of names)
    for (const instance of await services.instances(each, { signal })) {
      out.line(textOf(instance, uriOf(instance)));
      out.json(instance);
    }
}

/** As they come and go, until Ctrl-C. */
async function watch(
  { client, out, signal }: Call,
  { childrenCache, instanceCodec, uriOf }: Recipes,
  path: string,
  name: string,
): Promise<void> {
  const codec = instanceCodec<unknown>({ toJson: (payload) => payload, fromJson: (value) => value });
  await using instances = await childrenCache(client, `${path === '/' ? '' : path}/${name}`, {
    codec,
    signal,
    onError: (error) => out.note(error instanceof Error ? error.message : String(error)),
  });
  // Listens before it tells what is there: nothing falls between.
  const changes = instances.changes({ signal });
  for (const { data } of instances.nodes()) tell('up', data);
  out.note(`watching ${name}`);
  for await (const event of changes) {
    if (event.type === 'created' || event.type === 'changed') tell(event.type, event.node.data);
    else if (event.type === 'deleted') tell('deleted', event.previous.data);
    else for (const { data } of instances.nodes()) tell('up', data);
    await out.drained();
  }

  function tell(event: keyof typeof EVENTS, instance: ServiceInstance): void {
    out.line(`${EVENTS[event]} ${textOf(instance, uriOf(instance))}`);
    out.json({ event: EVENTS[event], instance });
  }
}

async function register(
  call: Call,
  recipes: Recipes,
  path: string,
  name: string,
  program: readonly string[],
): Promise<number | void> {
  const instance = await instanceOf(call, recipes, name);
  if (isOnlyTold(call, `register ${name} below ${path}`)) return;
  // A session of its own: where it expires, the instance is registered again in another.
  await using client = call.connection.open(call.connection.hosts);
  await client.connected({ signal: call.signal });
  const services = recipes.discovery(client, path);
  const registration = await services.register(instance, waitOf(call));
  try {
    return await whileRegistered(call, registration, program);
  } finally {
    const closed = registration.close();
    if (client.state === 'connected') await closed;
    else closed.catch(() => {});
  }
}

async function whileRegistered(
  call: Call,
  { instance }: Registration<unknown>,
  program: readonly string[],
): Promise<number> {
  const { out, signal } = call;
  out.json(instance);
  out.note(`registered ${instance.name} ${instance.id}`);
  if (program.length > 0) return runProgram(call, program, { environment: { CORRAL_SERVICE: instance.id } });
  await out.drained();
  return untilAborted(signal);
}

async function instanceOf(
  { words }: Call,
  { uriSpec }: Recipes,
  name: string,
): Promise<ServiceInstanceInput<unknown>> {
  const { hostname } = await import('node:os');
  const [id, uri, payload] = [words.value('--id'), words.value('--uri'), words.value('--payload')];
  return {
    name,
    address: words.value('--address') ?? hostname(),
    port: numberOf(words, '--port', 0, 65_535) ?? null,
    sslPort: numberOf(words, '--ssl-port', 0, 65_535) ?? null,
    ...(id === undefined ? {} : { id }),
    ...(uri === undefined ? {} : { uriSpec: uriSpec(uri) }),
    ...(payload === undefined ? {} : { payload: payloadOf(payload) }),
  };
}

function payloadOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CommandError(ExitCode.usage, `--payload is no JSON: ${text}`, { cause });
  }
}

/** `web 5f… host:80 {"rack":1}`, `disabled` where it is not to be used. */
function textOf(instance: ServiceInstance, uri: string): string {
  const { name, id, address, port, sslPort, payload, enabled } = instance;
  const where = uri === '' ? `${address ?? '?'}:${port ?? sslPort ?? '?'}` : uri;
  const more = payload === null ? '' : ` ${JSON.stringify(payload)}`;
  return `${name} ${id} ${where}${enabled ? '' : ' disabled'}${more}`;
}

const WHAT: ReadonlySet<string> = new Set(['list', 'watch', 'register']);
const EVENTS = { up: 'up', created: 'up', changed: 'changed', deleted: 'down' } as const;

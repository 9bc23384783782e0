import { parseConnectString } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { authOf, millisecondsOf } from '../../command-line.ts';
import { closest } from '../../closest.ts';
import { ContextFile, type Context, type ContextAuth, type Contexts } from '../../context/context-file.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { unknownContext } from '../../target.ts';

export const context: Command = {
  names: ['context'],
  group: 'comfort',
  usage: 'add|list|use|remove|show [name] [--server hosts] ...',
  summary: 'ensembles by name, for --context, CORRAL_CONTEXT and where nothing is said (use)',
  flags: [
    { name: '--server', value: 'host:port,.../chroot', summary: 'add: who is asked' },
    {
      name: '--auth-env',
      value: 'scheme:VARIABLE',
      summary: 'add: an identity; its secret is in the environment',
      isRepeated: true,
    },
    {
      name: '--auth-command',
      value: 'scheme:command',
      summary: 'add: an identity; the command prints its secret',
      isRepeated: true,
    },
    {
      name: '--auth-plain',
      value: 'scheme:auth',
      summary: 'add: an identity; its secret is kept in the file as it is',
      isRepeated: true,
    },
    { name: '--session-timeout', value: 'ms', summary: 'add: 500, 2s, 1m' },
    { name: '--read-only', summary: 'add: a server that has lost its quorum will do' },
    { name: '--production', summary: 'add: at a terminal, whoever changes something is asked first' },
    { name: '--replace', summary: 'add: in place of one of that name' },
  ],
  operands: [
    { name: 'add|list|use|remove|show', kind: 'word' },
    { name: 'name', kind: 'context', isOptional: true },
  ],
  example: "context add live --server zk1,zk2 --auth-command 'digest:pass show zk' --production",
  needsSession: false,
  isLocal: true,
  async run(call) {
    const [action, name] = call.words.operands as [string, string | undefined];
    const file = new ContextFile(process.env);
    if (action === 'list') return list(call, file.read());
    const act = ACTIONS.get(action);
    if (act === undefined) throw unknownAction(action);
    const all = file.read();
    if (name === undefined) throw new CommandError(ExitCode.usage, `context ${action} wants a name`);
    const changed = act(call, all, name);
    if (changed === undefined) return;
    if (call.settings.isDryRun) call.out.line(`would write ${file.path}`);
    else file.write(changed);
  },
};

/** @returns what is to be written; undefined where nothing is changed */
type Action = (call: Call, all: Contexts, name: string) => Contexts | undefined;

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['add', add],
  ['use', use],
  ['remove', remove],
  ['show', show],
]);

function add({ words, out }: Call, all: Contexts, name: string): Contexts {
  if (!/^[\w.-]{1,100}$/.test(name))
    throw new CommandError(ExitCode.usage, `a name has letters, digits and . _ -, not ${name}`);
  if (Object.hasOwn(all.contexts, name) && !words.has('--replace'))
    throw new CommandError(ExitCode.nodeExists, `there is a context ${name}; --replace puts another there`);
  const made = contextOf(words);
  out.note(
    `${made.auth.some(({ from }) => from === 'plain') ? 'Secrets are in plain text. ' : ''}Added ${name}`,
  );
  return { ...all, contexts: { ...all.contexts, [name]: made } };
}

function use({ out }: Call, all: Contexts, name: string): Contexts {
  requireContext(all, name);
  out.note(`Using ${name}`);
  return { ...all, current: name };
}

function remove({ out }: Call, all: Contexts, name: string): Contexts {
  requireContext(all, name);
  const { [name]: _, ...contexts } = all.contexts;
  out.note(`Removed ${name}`);
  const { current } = all;
  return current === undefined || current === name ? { contexts } : { current, contexts };
}

function show({ out }: Call, all: Contexts, name: string): undefined {
  const shown = withoutSecrets(requireContext(all, name));
  out.json({ name, ...shown });
  for (const line of linesOf(shown)) out.line(line);
  return undefined;
}

function contextOf(words: Call['words']): Context {
  const server = words.value('--server');
  if (server === undefined) throw new CommandError(ExitCode.usage, 'context add wants --server hosts');
  parseConnectString(server);
  const timeout = words.value('--session-timeout');
  return {
    server,
    auth: [
      ...authsOf(words, '--auth-env', 'environment'),
      ...authsOf(words, '--auth-command', 'command'),
      ...authsOf(words, '--auth-plain', 'plain'),
    ],
    ...(timeout === undefined ? {} : { sessionTimeoutMs: millisecondsOf('--session-timeout', timeout) }),
    ...(words.has('--read-only') ? { isReadOnly: true } : {}),
    ...(words.has('--production') ? { isProduction: true } : {}),
  };
}

function authsOf(words: Call['words'], flag: string, from: ContextAuth['from']): readonly ContextAuth[] {
  return words.values(flag).map((text) => {
    const { scheme, auth } = authOf(text, flag);
    return { scheme, from, secret: auth };
  });
}

function list({ out }: Call, { current, contexts }: Contexts): void {
  for (const [name, { server, isProduction }] of Object.entries(contexts)) {
    const isCurrent = name === current;
    out.json({ name, server, isCurrent, isProduction: isProduction === true });
    out.line(`${isCurrent ? '*' : ' '} ${name}  ${server}${isProduction === true ? '  production' : ''}`);
  }
}

function linesOf({ server, auth, sessionTimeoutMs, isReadOnly, isProduction }: Context): readonly string[] {
  return [
    `server: ${server}`,
    ...auth.map(({ scheme, from, secret }) => `auth: ${scheme}, from ${from}: ${secret}`),
    ...(sessionTimeoutMs === undefined ? [] : [`session timeout: ${sessionTimeoutMs} ms`]),
    ...(isReadOnly === true ? ['read-only: yes'] : []),
    ...(isProduction === true ? ['production: yes'] : []),
  ];
}

/** Somebody may look over the shoulder. */
function withoutSecrets(shown: Context): Context {
  const auth = shown.auth.map((one) => (one.from === 'plain' ? { ...one, secret: '***' } : one));
  return { ...shown, auth };
}

function requireContext({ contexts }: Contexts, name: string): Context {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (found === undefined) throw unknownContext(name, Object.keys(contexts));
  return found;
}

function unknownAction(action: string): CommandError {
  const meant = closest(action, ['list', ...ACTIONS.keys()]);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return new CommandError(ExitCode.usage, `context ${action} is nothing${hint}`);
}

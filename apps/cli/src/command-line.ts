import type { Settings } from './command.ts';
import { closest } from './closest.ts';
import { CommandError, ExitCode } from './exit-code.ts';

/** What stands before the command: who is asked, and how answers are written. */
export interface CommandLine {
  /** Undefined where none were named. */
  readonly hosts: string | undefined;
  readonly context: string | undefined;
  /** Undefined where none was named. */
  readonly sessionTimeoutMs: number | undefined;
  readonly isReadOnly: boolean;
  readonly waitsForConnection: boolean;
  readonly clientConfiguration: string | undefined;
  /** How long all of it may take. */
  readonly limitMs: number | undefined;
  readonly auth: readonly Auth[];
  readonly settings: Omit<Settings, 'isInteractive'>;
  /** Standard output begins as that of `zkCli.sh`, for scripts that cut it off: somebody used its `-server`. */
  readonly speaksAsZkCli: boolean;
  readonly asksFor: 'version' | 'help' | undefined;
  /** The command and its words; none for the shell. */
  readonly words: readonly string[];
}

export interface Auth {
  readonly scheme: string;
  readonly auth: string;
}

/** @throws CommandError for what is no option, with what may have been meant */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const values = new Map<string, string[]>();
  let at = 0;
  for (; at < args.length && args[at]!.startsWith('-'); at++) {
    const [name, joined] = split(args[at]!);
    const option = options.find(({ names }) => names.includes(name));
    if (option === undefined) throw unknown(name);
    const given = values.get(option.names[0]!) ?? [];
    values.set(option.names[0]!, given);
    if (option.value === undefined) {
      if (joined !== undefined) throw usage(`${name} takes no value`);
      given.push(name);
    } else {
      const value = joined ?? args[++at];
      if (value === undefined) throw usage(`${name} wants a ${option.value}`);
      given.push(value);
      if (name === '-server') values.set('zkCli', [name]);
    }
  }
  const last = (name: string): string | undefined => values.get(name)?.at(-1);
  return {
    hosts: last('-server'),
    context: last('--context'),
    sessionTimeoutMs: values.has('-timeout') ? millisecondsOf('-timeout', last('-timeout')!) : undefined,
    isReadOnly: values.has('-r'),
    waitsForConnection: values.has('-waitforconnection'),
    clientConfiguration: last('-client-configuration'),
    limitMs: values.has('--timeout') ? millisecondsOf('--timeout', last('--timeout')!) : undefined,
    auth: (values.get('--auth') ?? []).map((text) => authOf(text)),
    settings: {
      isJson: values.has('--json'),
      isQuiet: values.has('--quiet'),
      isDryRun: values.has('--dry-run'),
    },
    speaksAsZkCli: values.has('zkCli'),
    asksFor: values.has('--version') ? 'version' : values.has('--help') ? 'help' : undefined,
    words: args.slice(at),
  };
}

export interface Option {
  /** The first is how the others are remembered. */
  readonly names: readonly string[];
  readonly value?: string;
  readonly summary: string;
}

export const options: readonly Option[] = [
  {
    names: ['-server', '-s', '--server'],
    value: 'host:port,host:port/chroot',
    summary: 'who is asked; default localhost:2181',
  },
  { names: ['--context'], value: 'name', summary: 'who is asked, and as whom: `corral help context`' },
  { names: ['-timeout', '--session-timeout'], value: 'ms', summary: 'of the session; default 30000' },
  { names: ['-r', '--read-only'], summary: 'a server that has lost its quorum will do' },
  { names: ['-waitforconnection', '--wait-for-connection'], summary: 'for as long as -timeout says' },
  { names: ['-client-configuration', '--client-configuration'], value: 'file', summary: 'TLS; comes later' },
  { names: ['--auth'], value: 'scheme:auth', summary: 'an identity; may be given several times' },
  { names: ['--timeout'], value: 'ms', summary: 'how long all of it may take: 500, 2s, 1m' },
  { names: ['--json'], summary: 'answers for programs' },
  { names: ['--quiet', '-q'], summary: 'nothing beside the answer' },
  { names: ['--dry-run'], summary: 'changes nothing, and tells what would be changed' },
  { names: ['--version', '-v'], summary: '' },
  { names: ['--help', '-h'], summary: '' },
];

/** @returns milliseconds of `500`, `500ms`, `2s`, `1m` */
export function millisecondsOf(name: string, text: string): number {
  const match = /^(\d{1,9})(ms|s|m)?$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[match[2] ?? 'ms']!;
  if (ms > 0 && ms <= 0x7fff_ffff) return ms;
  throw usage(`${name} is no time: ${text} (500, 2s, 1m)`);
}

function split(word: string): [name: string, value: string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/** @throws CommandError where there is no scheme */
export function authOf(text: string, name = '--auth'): Auth {
  const colon = text.indexOf(':');
  if (colon < 1) throw usage(`${name} wants scheme:auth, as digest:user:password`);
  return { scheme: text.slice(0, colon), auth: text.slice(colon + 1) };
}

function unknown(name: string): CommandError {
  const meant = closest(
    name,
    options.flatMap(({ names }) => names),
  );
  return usage(`${name} is no option${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}

function usage(problem: string): CommandError {
  return new CommandError(ExitCode.usage, `${problem}\ncorral --help tells all options`);
}

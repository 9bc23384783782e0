import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dice } from '../dice.ts';
import { INTS } from '../dice.ts';
import { type Target, TWO_FRAMES } from '../target.ts';
import { appModule } from './app-module.ts';

/** What the lines of the longest text take, and what is said of them. */
const TEXT_BYTES = 8 << 20;

/** `zoo.cfg`: it is understood, and no number in what is understood is none; or refused with a sentence and an exit code. */
export const zooCfg: Target = configTarget(
  'zoo-cfg',
  (dice) => staticText(dice),
  (bytes, { file }) => {
    writeFileSync(file, bytes);
  },
);

/** The file that names the members, or the one that is to take its place. */
export const dynamicConfigs: Target = configTarget(
  'dynamic-configs',
  (dice) => memberLines(dice).join(lineEnd(dice)),
  (bytes, { file, dynamic, next }, dice) => {
    writeFileSync(
      file,
      `dataDir=${dynamic}.data\nclientPort=2181\ntickTime=2000\ninitLimit=5\nsyncLimit=2\ndynamicConfigFile=${dynamic}\n`,
    );
    const isNext = dice.once(4);
    writeFileSync(dynamic, isNext ? MEMBERS : bytes);
    if (isNext) writeFileSync(next, bytes);
    else rmSync(next, { force: true });
  },
);

interface Files {
  readonly file: string;
  readonly dynamic: string;
  readonly next: string;
}

interface Loading {
  loadSettings(sources: {
    readonly file: string;
    readonly flags: ReadonlyMap<string, string>;
    readonly environment: Readonly<Record<string, string>>;
    readonly onWrongLine?: (message: string) => void;
    readonly isWithoutMembers?: boolean;
  }): object;
}

interface Failures {
  readonly StartFailure: abstract new (...args: never[]) => Error;
}

function configTarget(
  name: string,
  valid: (dice: Dice) => string,
  place: (bytes: Uint8Array, files: Files, dice: Dice) => void,
): Target {
  let loading: Loading | undefined;
  let files: Files | undefined;
  const refusals: (abstract new (...args: never[]) => Error)[] = [];
  return {
    name,
    async prepare() {
      if (loading !== undefined) return;
      refusals.push((await appModule<Failures>('server/src/exit-code.ts')).StartFailure);
      keys.push(...(await keysOf('server/src/config/keys.ts', 'honouredKeys')));
      keys.push(...(await keysOf('server/src/config/ensemble-keys.ts', 'ensembleKeys')));
      const folder = mkdtempSync(join(tmpdir(), 'corral-fuzz-config-'));
      process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
      const file = join(folder, 'zoo.cfg');
      files = { file, dynamic: join(folder, 'zoo.cfg.dynamic.100000000'), next: `${file}.dynamic.next` };
      loading = await appModule<Loading>('server/src/config/load.ts');
    },
    valid: (dice) => new Uint8Array(Buffer.from(valid(dice), 'latin1')),
    read(bytes, dice) {
      place(bytes, files!, dice);
      const settings = loading!.loadSettings({
        file: files!.file,
        flags: new Map(),
        environment: {},
        ...(dice.once(4) && { onWrongLine() {} }),
        isWithoutMembers: dice.once(4),
      });
      const wrong = notANumber(settings, 'settings');
      if (wrong !== undefined) throw new Error(`${wrong} is not a number`);
    },
    refusals,
    memoryMax: TEXT_BYTES + TWO_FRAMES,
    weight: 40,
  };
}

const keys: string[] = [];

async function keysOf(path: string, name: string): Promise<string[]> {
  return Object.keys((await appModule<Record<string, object>>(path))[name]!);
}

/** Where a number is NaN. */
function notANumber(setting: unknown, path: string): string | undefined {
  if (typeof setting === 'number') return Number.isNaN(setting) ? path : undefined;
  if (typeof setting !== 'object' || setting === null) return undefined;
  for (const [key, each] of Object.entries(setting)) {
    const wrong = notANumber(each, `${path}.${key}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function staticText(dice: Dice): string {
  const lines = ['dataDir=./nowhere', 'clientPort=2181', 'tickTime=2000'];
  for (let count = dice.length(12); count > 0; count--) {
    const key = dice.once(12) ? dice.pick(STRANGE) : dice.pick(keys);
    // Another file is not part of this one.
    if (key !== 'dynamicConfigFile')
      lines.push(`${key}${dice.pick(['=', '=', ' = ', ': ', ' '])}${value(dice)}`);
  }
  if (dice.once(3)) lines.push('initLimit=5', 'syncLimit=2', ...memberLines(dice));
  if (dice.once(2)) lines.splice(dice.below(lines.length), 1);
  return lines.join(lineEnd(dice));
}

function value(dice: Dice): string {
  if (dice.once(3)) return String(dice.pick(INTS));
  return dice.once(6) ? String(dice.long()) : dice.pick(VALUES);
}

function memberLines(dice: Dice): string[] {
  const lines: string[] = [];
  for (let sid = 1; sid <= 1 + dice.length(6); sid++) {
    const ports = dice.pick([`${2888 + sid}:${3888 + sid}`, '2888:3888', '2888', `${dice.int()}:1`, '']);
    const host = dice.pick(['localhost', '127.0.0.1', '[::1]', 'a|b', '', '::1']);
    const others = dice.pick(['', '', ':participant', ':observer', ':x', `|b:${2888 + sid}:${3888 + sid}`]);
    const client = dice.pick(['', ';2181', ';127.0.0.1:2181', ';[::]:2181', ';', ';-1']);
    lines.push(`server.${dice.once(9) ? dice.int() : sid}=${host}:${ports}${others}${client}`);
  }
  if (dice.once(4))
    lines.push('group.1=1:2', 'group.2=3', `weight.${dice.below(4)}=${dice.pick([0, 1, dice.int()])}`);
  if (dice.once(4)) lines.push(`version=${dice.pick(['0', '100000000', 'ffffffffffffffff', 'x'])}`);
  return lines;
}

function lineEnd(dice: Dice): string {
  return dice.pick(['\n', '\n', '\n', '\r\n', '\r', '\\\n  ']);
}

const STRANGE = [
  '__proto__',
  'constructor',
  'toString',
  'server.',
  'peerType',
  'authProvider.1',
  'secureClientPort',
  '',
];
const VALUES = [
  'true',
  'false',
  'TRUE',
  'yes',
  'no',
  '',
  '-1',
  '0x10',
  '1e3',
  '+5',
  '10L',
  'observer',
  'file',
  'level',
  'gz',
  'srvr, stat,*',
  '/commands',
  '127.0.0.1',
  '\\u0041\\u00',
  'debug',
  'https://ops.example.com',
  '٣',
];
const MEMBERS =
  'server.1=localhost:2888:3888;2181\nserver.2=localhost:2889:3889;2182\nserver.3=localhost:2890:3890;2183\n';

import { candidate, isThere, ServerProcess, type Missing } from '@corral-test/oracle';
import { existsSync, globSync, mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from './run-program.ts';
import { readVerdicts } from './verdicts.ts';

const suite = 'the C client';
const sources = globSync(join(import.meta.dirname, '../c/*.c'));
const shell = '/usr/lib/zookeeper/bin/cli_mt';
const limitMs = 150_000;

/** The names of the cases in `c/`, in their order. */
const cases = [
  'a node is created, read, written and deleted',
  'data are nothing, empty or a megabyte',
  'children are listed with the stat of their parent',
  'every mode of create',
  'what cannot be done is refused by its code',
  'the configuration can be read',
  'a multi is applied at once',
  'a multi of which one operation fails changes nothing and says which',
  'a multi of nothing',
  'watches of data, existence and children come once each',
  'a watch tells of what another session does',
  'a watch that is removed does not come',
  'watches are set again on a new connection',
  'a change that was missed is told on the new connection',
  "what is its creator's is for those who know the password",
  'an access list is read and written',
  'an identity is kept on a new connection',
  'a scheme that nobody knows fails the session',
  'ephemeral nodes end with their session',
  'a session is taken over by its id and password',
  'a session that is not heard expires',
  'a session is not taken over with a wrong password',
  'a session is kept on a new connection',
  'a session that has nothing to do stays alive',
];

const config = { tickTime: 500 };
const properties = { 'zookeeper.extendedTypesEnabled': 'true' };

const program = candidate();

describe.runIf(isThere(suite, program) && isThere(suite, compiler()))(suite, () => {
  let output = '';

  beforeAll(async () => {
    if ('missing' in program) return;
    using folder = mkdtempDisposableSync(join(tmpdir(), 'corral-c-client-'));
    const binary = join(folder.path, 'check');
    const words = [
      '-Wall',
      '-Wextra',
      '-Werror',
      '-DTHREADED',
      '-o',
      binary,
      ...sources,
      '-lzookeeper_mt',
      '-lpthread',
    ];
    const compiled = await runProgram('gcc', words, { limitMs });
    if (compiled.code !== 0) throw new Error(compiled.output);
    await using server = await ServerProcess.start(program, { config, properties });
    ({ output } = await runProgram(binary, [`127.0.0.1:${server.port}`], { limitMs }));
    console.log(`${suite} against ${program.name}:\n${output}`);
  }, limitMs * 2);

  test.for(cases)('%s', (name) => {
    expect(readVerdicts(output).get(name) ?? output).toBe('ok');
  });

  test('no other case is run', () => {
    expect([...readVerdicts(output).keys()]).toEqual(cases);
  });
});

interface Command {
  readonly command: string;
  readonly says: readonly string[];
}

const node = ['\tctime = TIME', '\tczxid=ZXID', '\tmtime=TIME', '\tmzxid=ZXID'];

const commands: readonly Command[] = [
  {
    command: 'create /shell',
    says: ['Creating [/shell] node (mode: 0)', '[/shell]: rc = 0', '\tname = /shell'],
  },
  {
    command: 'create +s /shell/s-',
    says: ['Creating [/shell/s-] node (mode: 2)', '[/shell/s-]: rc = 0', '\tname = /shell/s-0000000000'],
  },
  {
    command: 'create +es /shell/es-',
    says: ['Creating [/shell/es-] node (mode: 3)', '[/shell/es-]: rc = 0', '\tname = /shell/es-0000000001'],
  },
  {
    command: 'create +c /shell/c',
    says: ['Creating [/shell/c] node (mode: 4)', '[/shell/c]: rc = 0', '\tname = /shell/c'],
  },
  {
    command: 'create +t=60000 /shell/t',
    says: ['Creating [/shell/t] node (mode: 5)', '[/shell/t]: rc = 0', '\tname = /shell/t'],
  },
  {
    command: 'create2 +e /shell/e',
    says: [
      'Creating [/shell/e] node (mode: 1)',
      '[/shell/e]: rc = 0',
      '\tname = /shell/e',
      ...node,
      '\tversion=0\taversion=0',
      '\tephemeralOwner = SESSION',
    ],
  },
  {
    command: 'create /shell',
    says: ['Creating [/shell] node (mode: 0)', '[/shell]: rc = -110'],
  },
  {
    command: 'set /shell some words',
    says: ['/shell: rc = 0 Stat:', ...node, '\tversion=1\taversion=0', '\tephemeralOwner = 0'],
  },
  {
    command: 'get /shell',
    says: [
      '/shell: rc = 0',
      ' value_len = 10',
      'some words',
      'Stat:',
      ...node,
      '\tversion=1\taversion=0',
      '\tephemeralOwner = 0',
    ],
  },
  { command: 'get /nowhere', says: ['/nowhere: rc = -101', '', 'Stat:', 'null'] },
  { command: 'ls /shell/c', says: ['/shell/c: rc = 0'] },
  {
    command: 'ls2 /zookeeper/quota',
    says: ['/zookeeper/quota: rc = 0', ...node, '\tversion=0\taversion=0', '\tephemeralOwner = 0'],
  },
  {
    command: 'config',
    says: [
      '/zookeeper/config: rc = 0',
      ' value_len = 0',
      '',
      'Stat:',
      ...node,
      '\tversion=0\taversion=ffffffff',
      '\tephemeralOwner = 0',
    ],
  },
  { command: 'sync /shell', says: ['[/shell]: rc = 0', '\tname = /shell'] },
  { command: 'delete /shell/s-0000000000', says: ['/shell/s-0000000000: rc = 0'] },
  { command: 'delete /shell', says: ['/shell: rc = -111'] },
];

const missingShell: Missing = { missing: 'zookeeper-bin (cli_mt)' };

describe.runIf(isThere(suite, program) && isThere(suite, existsSync(shell) ? { shell } : missingShell))(
  'the shell of the C client',
  () => {
    let server: ServerProcess | undefined;
    beforeAll(async () => {
      if (!('missing' in program)) server = await ServerProcess.start(program, { config, properties });
    }, limitMs);
    afterAll(() => server?.[Symbol.asyncDispose]());

    test.for(commands)('$command', async ({ command, says }) => {
      const words = [`127.0.0.1:${server?.port}`, `cmd:${command}`];
      const { output } = await runProgram(shell, words, { limitMs: 30_000 });
      expect(answerOf(output)).toEqual(says);
    });
  },
);

/** Without what it says of itself, and of times, zxids and sessions only that there is one. */
function answerOf(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => !/^(Batch mode|Watcher SESSION_EVENT|Got a new session id|time =|Quitting)/.test(line))
    .map((line) =>
      line
        .replace(/([cm]time ?= ?).*/, '$1TIME')
        .replace(/([cm]zxid=).*/, '$1ZXID')
        .replace(/ephemeralOwner = [0-9a-f]{9,}$/, 'ephemeralOwner = SESSION'),
    )
    .slice(0, -1);
}

function compiler(): { readonly sources: readonly string[] } | Missing {
  if (!existsSync('/usr/include/zookeeper/zookeeper.h')) return { missing: 'libzookeeper-mt-dev' };
  return existsSync('/usr/bin/gcc') ? { sources } : { missing: 'gcc' };
}

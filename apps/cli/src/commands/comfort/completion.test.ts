import { spawnSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Client } from '@corral/client';
import { connect } from '@corral/client/node';
import type { Server } from '@corral/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corral, program } from '../../../test/corral.ts';
import { serving } from '../../../test/serving.ts';
import { completeLine } from '../../completion/complete-line.ts';

const hasBash = spawnSync('bash', ['-c', '[[ ${BASH_VERSINFO[0]} -ge 3 ]]']).status === 0;
if (!hasBash) console.log('skipped: completion in bash: bash is not installed');

describe('completion', () => {
  let server: Server;
  let hosts: string;
  let other: Client;
  let home: string;

  beforeAll(async () => {
    ({ server, hosts } = await serving());
    other = await connect(hosts);
    for (const path of ['/app', '/app/first', '/app/second', '/apple', '/two words', '/a$(x)'])
      await other.create(path);
    home = mkdtempSync(join(tmpdir(), 'corral-completion-'));
    mkdirSync(join(home, 'bin'));
    symlinkSync(program, join(home, 'bin', 'corral'));
    writeFileSync(join(home, 'app.jsonl'), '');
    await corral(['context', 'add', 'devel', '--server', hosts], [], { XDG_CONFIG_HOME: home });
  });

  afterAll(async () => {
    await other.close();
    await server.close();
    rmSync(home, { recursive: true });
  });

  it.each<[string, readonly string[]]>([
    ['corral getAl', ['getAllChildrenNumber ']],
    ['corral ls -', ['-R ', '-s ', '-w ', '--json ', '--quiet ', '--dry-run ']],
    ['corral --con', ['--context ']],
    ['corral --context d', ['devel ']],
    ['corral --context devel ls /app', ['/app', '/apple']],
    ['corral --context devel get -s /app/f', ['/app/first']],
    ['corral --context devel cp /app/s', ['/app/second']],
    ['corral -s HOSTS ls /app/', ['/app/first', '/app/second']],
    ['corral -s HOSTS/app ls /', ['/first', '/second']],
    ['corral context u', ['use ']],
    ['corral context use ', ['devel ']],
    ['corral completion z', ['zsh ']],
    ['corral help getE', ['getEphemerals ']],
    ['corral import HOME/ap', ['HOME/app.jsonl ']],
    // A shell would take them apart.
    ['corral -s HOSTS ls /t', []],
    ['corral -s HOSTS ls /a$', []],
    // Nothing is known, nobody answers, nothing makes sense.
    ['corral -s 127.0.0.1:1 ls /', []],
    ['corral -s a:b:c ls /', []],
    ['corral --context gone ls /', []],
    ['corral nothing /', []],
    ['corral -s ', []],
  ])('of %s', async (line, expected) => {
    const [typed, ...found] = await completeLine(replaced(line), environment());

    expect(typed).toBe(replaced(line).split(' ').at(-1));
    expect(new Set(found)).toEqual(new Set(expected.map(replaced)));
  });

  it.runIf(hasBash).each<[string, readonly string[]]>([
    ['corral getAl', ['getAllChildrenNumber ']],
    ['corral --context devel ls /app', ['/app', '/apple']],
    ['corral -s HOSTS get -s /app/f', ['/app/first']],
    ['corral nothing x', []],
  ])('in bash, of %s', async (line, expected) => {
    expect(await inBash(replaced(line))).toEqual(expected);
  });

  it('refuses a shell that it does not know', async () => {
    expect(await corral(['completion', 'zhs'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean zsh?') as string,
    });
  });

  /** What bash offers at the end of the line, having read the script. */
  async function inBash(line: string): Promise<readonly string[]> {
    // As readline parts the words: at blanks, and before and behind a colon.
    const words = line.split(/ |(:)/).filter((word) => word !== undefined);
    const script = `
      eval "$(corral completion bash)"
      COMP_LINE=$1 COMP_POINT=\${#1} COMP_CWORD=$(($# - 2))
      shift; COMP_WORDS=("$@")
      _corral
      (( \${#COMPREPLY[@]} )) && printf '%s\\n' "\${COMPREPLY[@]}"
      true`;
    const child = spawn('bash', ['-c', script, 'bash', line, ...words], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return (await text(child.stdout)).split('\n').slice(0, -1);
  }

  function environment(): NodeJS.ProcessEnv {
    const path = [join(home, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter);
    return { ...process.env, XDG_CONFIG_HOME: home, CORRAL_SERVER: '', CORRAL_CONTEXT: '', PATH: path };
  }

  function replaced(line: string): string {
    return line.replace('HOSTS', hosts).replace('HOME', home);
  }
});

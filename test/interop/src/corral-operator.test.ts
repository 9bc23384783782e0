import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { apache38, apache39, candidate, isThere, ServerProcess } from '@corral-test/oracle';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, runProgram } from './run-program.ts';

const suite = "corral's looks at servers and their directories";
const corral = join(import.meta.dirname, '../../../node_modules/.bin/corral');
const limitMs = 120_000;

for (const program of [apache39(), apache38(), candidate()]) {
  if (!isThere(suite, program)) continue;

  describe(`${suite}: ${program.name}`, () => {
    let server: ServerProcess;
    let hosts: string;

    beforeAll(async () => {
      server = await ServerProcess.start(program);
      hosts = `127.0.0.1:${server.port}`;
      await run('create', '/app', 'data');
      await run('create', '/app/child', 'data');
    }, limitMs);

    afterAll(() => server[Symbol.asyncDispose]());

    test('doctor --server finds nothing but what is open to everybody', async () => {
      const { code, stdout } = await run('doctor', '--json', '--admin-port', '1');
      const rules = stdout.match(/(?<="rule":")[^"]+/g) ?? [];

      // How fast the machine is that runs this is nobody's business.
      expect(rules.filter((rule) => !/latency|fsync/.test(rule))).toEqual(['open-root']);
      expect(code).toBe(10);
    });

    test('sessions and who find a session that watches and holds something', async () => {
      const input = 'create -e /held\nget -w /app\nsessions\n';
      const { stdout } = await runProgram(corral, ['-s', hosts], { limitMs, input });
      const row = /^(0x[\da-f]+) +127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +\d+ +\d+ .* 1$/m.exec(stdout);

      expect(row).not.toBeNull();
    });

    test('top and count tell the figures', async () => {
      expect((await run('top', '-n', '1', '--admin-port', '1')).stdout).toMatch(
        new RegExp(`^${hosts} +standalone +\\d+ +- +- +\\d+ +[\\d.]+ +\\d+ +\\d+ +\\d+$`, 'm'),
      );
      expect((await run('count', '/app')).stdout).toBe('1\t/app\n0\t/app/child\n');
    });

    test('doctor DIRECTORY finds nothing while it serves and when it has ended, and then what is broken', async () => {
      // At its end a log looks torn while it is written to.
      expect((await run('doctor', server.dataDir)).code).toBe(0);
      await server.stop();
      expect((await run('doctor', server.dataDir)).code).toBe(0);

      const folder = join(server.dataDir, 'version-2');
      const log = readdirSync(folder).find((name) => name.startsWith('log.'));
      overwrite(join(folder, log!), 60);
      const { code, stdout } = await run('doctor', '--json', server.dataDir);

      expect(code).toBe(10);
      expect(JSON.parse(stdout.split('\n')[0]!)).toMatchObject({
        severity: 'bad',
        rule: 'damage',
        where: `${join(folder, log!)} at byte 16`,
      });
    });

    function run(...words: readonly string[]): Promise<Ended> {
      return runProgram(corral, ['-s', hosts, ...words], { limitMs });
    }
  });
}

function overwrite(path: string, offset: number): void {
  expect(statSync(path).size).toBeGreaterThan(offset);
  const file = openSync(path, 'r+');
  writeSync(file, Uint8Array.of(0xab), 0, 1, offset);
  closeSync(file);
}

import { readFile, readdir, stat, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Client, utf8 } from '@corral/client';
import { startTestServer, type TestServer } from '@corral/testing/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Circumstances, CommandRunner, type Told } from '../../../test/command.ts';

describe('edit', () => {
  let server: TestServer;
  let other: Client;
  let runner: CommandRunner;
  let directory: string;

  beforeAll(async () => {
    server = await startTestServer();
    other = await server.client();
    runner = await CommandRunner.on(server.connectString);
  });

  afterAll(async () => {
    await runner[Symbol.asyncDispose]();
    await server.close();
  });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'corral-edit-test-'));
    vi.stubEnv('TMPDIR', directory);
    vi.stubEnv('VISUAL', '');
    await other.create('/a', 'one\ntwo', { orSet: true });
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  });

  it('sets what the editor leaves behind, and leaves no file', async () => {
    vi.stubEnv('EDITOR', `sh -c 'printf "1\\ntwo" > "$0"'`);

    const { code, stderr } = await edit('/a');

    expect([code, stderr]).toEqual([0, expect.stringMatching(/^Set \/a, now in version \d+\n$/)]);
    expect(await data('/a')).toBe('1\ntwo');
    expect(await readdir(directory)).toEqual([]);
  });

  it('gives the editor a file that nobody else may read, called as the node', async () => {
    const seen = join(directory, 'seen');
    vi.stubEnv('EDITOR', `sh -c '{ ls -ld "$0"; ls -ld "$(dirname "$0")"; } > ${seen}'`);

    await edit('/a');

    const [file, folder] = (await readFile(seen, 'utf8')).split('\n');
    expect(file).toMatch(/^-rw------- .*\/corral-edit-\w+\/a$/);
    expect(folder).toMatch(/^drwx------ /);
  });

  it('leaves off the end of line that editors add, and no other', async () => {
    vi.stubEnv('EDITOR', `sh -c 'printf "three\\n" >> "$0"'`);

    await edit('/a');
    expect(await data('/a')).toBe('one\ntwothree');
    await other.set('/a', 'one\n');
    await edit('/a');
    expect(await data('/a')).toBe('one\nthree\n');
  });

  it('sets nothing where nothing was changed, and where the editor has failed', async () => {
    const { version } = (await other.exists('/a'))!;
    vi.stubEnv('EDITOR', 'true');
    expect(await edit('/a')).toEqual({ code: 0, stdout: '', stderr: 'nothing was changed\n' });
    vi.stubEnv('EDITOR', `sh -c 'echo x > "$0"; exit 1'`);

    expect(await edit('/a')).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('nothing was changed'),
    });
    expect((await other.exists('/a'))!.version).toBe(version);
  });

  describe('where somebody has changed the node meanwhile', () => {
    let written: string;

    beforeEach(async () => {
      written = join(directory, 'ready');
      vi.stubEnv(
        'EDITOR',
        `sh -c 'echo mine > "$0"; : > ${written}; until test -e ${written}.go; do :; done'`,
      );
    });

    it('changes nothing, says what can be done, and keeps what was written', async () => {
      const { code, stderr } = await editMeanwhile({});

      const file = /^what you wrote is in (\S+)$/m.exec(stderr)![1]!;
      expect(code).toBe(6);
      expect(stderr).toMatch(
        /\/a was changed meanwhile: you began with version \d+, and it is in version \d+\n/,
      );
      expect(stderr).toMatch(/corral set -v \d+ \/a "\$\(cat \S+\)"\n$/);
      expect(await data('/a')).toBe('theirs');
      expect(await readFile(file, 'utf8')).toBe('mine\n');
      expect((await stat(dirname(file))).mode & 0o777).toBe(0o700);
    });

    it('overwrites it where whoever sits there says so', async () => {
      expect((await editMeanwhile({ settings: { isInteractive: true }, answer: 'o' })).code).toBe(0);
      expect(await data('/a')).toBe('mine');
    });

    async function editMeanwhile(circumstances: Circumstances): Promise<Told> {
      const editing = runner.run(['edit', '/a'], circumstances);
      await other.create('/seen', '', { orSet: true });
      // The editor has the file: what it began with was read.
      for (;;) {
        if ((await readdir(directory)).includes('ready')) break;
        await other.sync();
      }
      await other.set('/a', 'theirs');
      await writeFile(`${written}.go`, '');
      return editing;
    }
  });

  it('keeps what was written where it cannot be set', async () => {
    const acl = [{ scheme: 'world', id: 'anyone', perms: 'r' }];
    await other.create('/closed', 'x', { acl });
    vi.stubEnv('EDITOR', `sh -c 'echo mine > "$0"'`);

    const { code, stderr } = await edit('/closed');

    expect(code).toBe(7);
    expect(await readFile(/^what you wrote is in (\S+)$/m.exec(stderr)![1]!, 'utf8')).toBe('mine\n');
  });

  it('has data that are no text in base64, where it is asked to', async () => {
    await other.create('/binary', new Uint8Array([0, 255]));
    vi.stubEnv('EDITOR', `sh -c 'printf "AP+A\\n" > "$0"'`);

    expect(await edit('/binary')).toMatchObject({
      code: 8,
      stderr: '/binary is no text; edit -b has it in base64\n',
    });
    expect((await runner.run(['edit', '-b', '/binary'])).code).toBe(0);
    expect([...(await other.get('/binary')).data]).toEqual([0, 255, 128]);
    vi.stubEnv('EDITOR', `sh -c 'echo "!" > "$0"'`);
    expect((await runner.run(['edit', '-b', '/binary'])).code).toBe(2);
  });

  it('changes nothing with --dry-run, and knows no node that is not there', async () => {
    vi.stubEnv('EDITOR', `sh -c 'printf "1\\ntwo" > "$0"'`);

    expect((await runner.run(['edit', '/a', '--dry-run'])).stdout).toBe('would set /a\n');
    expect(await data('/a')).toBe('one\ntwo');
    expect((await edit('/none')).code).toBe(4);
  });

  function edit(path: string): Promise<Told> {
    return runner.run(['edit', path]);
  }

  async function data(path: string): Promise<string> {
    return (await other.get(path, utf8)).data;
  }
});

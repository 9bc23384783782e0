import type { Server } from '@corral/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandRunner } from '../../../test/command.ts';
import { serving } from '../../../test/serving.ts';

describe('four-letter words', () => {
  let server: Server;
  let runner: CommandRunner;

  beforeAll(async () => {
    const { server: made, hosts } = await serving();
    server = made;
    runner = CommandRunner.without(hosts);
  });

  afterAll(() => server.close());

  it('4lw tells what the server says', async () => {
    expect(await runner.run(['4lw', 'ruok'])).toEqual({ code: 0, stdout: 'imok\n', stderr: '' });
    expect((await runner.run(['4lw', 'ruok', '--json'])).stdout).toBe('{"word":"ruok","text":"imok"}\n');
  });

  it('mntr tells its figures', async () => {
    expect((await runner.run(['mntr'])).stdout).toMatch(/^zk_server_state +standalone$/m);
    expect(JSON.parse((await runner.run(['mntr', '--json'])).stdout)).toMatchObject({
      zk_server_state: 'standalone',
    });
  });

  it('ends with 2 for what is no word, with 3 where nobody is', async () => {
    expect((await runner.run(['4lw', 'ruok?'])).code).toBe(2);
    expect((await CommandRunner.without('127.0.0.1:1').run(['mntr'])).code).toBe(3);
  });
});

import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@corral/client';
import { connect } from '@corral/client/node';
import type { Server } from '@corral/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandRunner, type Told } from '../../../test/command.ts';
import { serving } from '../../../test/serving.ts';

describe('watch', () => {
  let server: Server;
  let other: Client;
  let runner: CommandRunner;
  let directory: string;

  beforeAll(async () => {
    const { server: made, hosts } = await serving();
    server = made;
    other = await connect(hosts);
    runner = await CommandRunner.on(hosts);
    directory = await mkdtemp(join(tmpdir(), 'corral-watch-'));
    await other.create('/app');
  });

  afterAll(async () => {
    await runner[Symbol.asyncDispose]();
    await other.close();
    await server.close();
    await rm(directory, { recursive: true });
  });

  it('tells what happens to a node, with the transaction', async () => {
    const { stdout, code } = await during(['watch', '-n', '3', '/app'], async () => {
      await other.set('/app', 'x');
      await other.create('/app/a');
      await other.set('/app/a', 'not its own');
      await other.delete('/app/a');
    });

    expect(code).toBe(0);
    expect(stdout.replaceAll(/0x[\da-f]+/g, '0x')).toBe(
      'changed /app 0x\nchildrenChanged /app 0x\nchildrenChanged /app 0x\n',
    );
  });

  it('-r tells what happens below, too, and programs in JSON', async () => {
    const { stdout } = await during(['watch', '-r', '-n', '2', '/app', '--json'], async () => {
      await other.create('/app/b');
      await other.delete('/app/b');
    });

    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { type: 'created', path: '/app/b', zxid: expect.stringMatching(/^\d+$/) },
      { type: 'deleted', path: '/app/b', zxid: expect.stringMatching(/^\d+$/) },
    ]);
  });

  it('runs a command for each, in order, and goes on where one fails', async () => {
    const file = join(directory, 'told');
    const command = `echo $CORRAL_EVENT $CORRAL_PATH >> '${file}'; exit 3`;

    const { stderr } = await during(['watch', '-r', '-n', '2', '--exec', command, '/app'], async () => {
      await other.create('/app/c');
      await other.delete('/app/c');
    });

    expect(await readFile(file, 'utf8')).toBe('created /app/c\ndeleted /app/c\n');
    expect(stderr.match(/ended with 3/g)).toHaveLength(2);
  });

  it('ends when it is told to, and takes its watch away', async () => {
    const controller = new AbortController();

    const { stderr } = await during(
      ['watch', '/app'],
      () => controller.abort(new Error('enough')),
      controller.signal,
    );

    expect(stderr).toBe('watching /app\nenough\n');
    await runner.run(['get', '/app']);
    expect(await other.command('wchp')).not.toContain('/app');
  });

  /** Runs the command, and does this when it watches. */
  function during(
    words: readonly string[],
    action: () => Promise<void> | void,
    signal = new AbortController().signal,
  ): Promise<Told> {
    let acted: Promise<void> | undefined;
    return runner
      .run(words, {
        signal,
        onNotes: (stderr) => {
          if (stderr.startsWith('watching ')) acted ??= Promise.resolve().then(action);
        },
      })
      .finally(() => acted);
  }
});

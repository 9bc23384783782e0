import type { Client } from '@corral/client';
import { connect } from '@corral/client/node';
import type { Server } from '@corral/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Circumstances, CommandRunner, type Told } from '../../../test/command.ts';
import { serving } from '../../../test/serving.ts';

describe('wait', () => {
  let server: Server;
  let other: Client;
  let runner: CommandRunner;

  beforeAll(async () => {
    const { server: made, hosts } = await serving();
    server = made;
    other = await connect(hosts);
    runner = await CommandRunner.on(hosts);
    await other.create('/app', 'one');
    await other.create('/app/child');
  });

  afterAll(async () => {
    await runner[Symbol.asyncDispose]();
    await other.close();
    await server.close();
  });

  it.each([
    ['created', '/app'],
    ['deleted', '/none'],
    ['data=one', '/app'],
    ['children=1', '/app'],
  ])('is over at once where it is so: %s %s', async (what, path) => {
    expect(await run(['wait', '--for', what, path])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['created', '/w-created', [() => other.create('/w-created')]],
    ['deleted', '/w-deleted', [() => other.delete('/w-deleted')]],
    ['changed', '/w-changed', [() => other.set('/w-changed', 'x')]],
    ['data=b', '/w-data', [() => other.create('/w-data', 'a'), () => other.set('/w-data', 'b')]],
    ['children=1', '/w-children/b', [() => other.create('/w-children/b/c', '', { parents: true })]],
  ] as const)('waits for it: %s', async (what, path, deeds) => {
    if (what === 'deleted' || what === 'changed') await other.create(path);

    let isOver = false;
    const waiting = run(['wait', '--for', what, path, '--json']).finally(() => {
      isOver = true;
    });
    for (const deed of deeds) {
      await watchedOnServer(path);
      expect(isOver).toBe(false);
      await deed();
    }

    expect(await waiting).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^{"path":"${path}","stat":`),
    });
  });

  it('ends when it is told to, and with what it cannot understand', async () => {
    const controller = new AbortController();
    const waiting = run(['wait', '/never'], { signal: controller.signal });
    await watchedOnServer('/never');
    controller.abort(new Error('enough'));

    expect((await waiting).stderr).toBe('enough\n');
    expect((await run(['wait', '--for', 'better', '/app'])).code).toBe(2);
    expect((await run(['wait', '--for', 'children=x', '/app'])).code).toBe(2);
    expect((await run(['wait', '/app/'])).code).toBe(2);
  });

  /** Until the server has a watch of data there (it tells of no others): what happens from then on is told. */
  async function watchedOnServer(path: string): Promise<void> {
    while (!(await other.command('wchp')).split('\n').includes(path));
  }

  function run(words: readonly string[], circumstances?: Circumstances): Promise<Told> {
    return runner.run(words, circumstances);
  }
});

import type { Client } from '@corral/client';
import { connect } from '@corral/client/node';
import type { Server } from '@corral/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandRunner } from '../../../test/command.ts';
import { Expectation } from '../../../test/expectation.ts';
import { serving } from '../../../test/serving.ts';

describe('tail', () => {
  let server: Server;
  let other: Client;
  let runner: CommandRunner;

  beforeAll(async () => {
    const { server: made, hosts } = await serving();
    server = made;
    other = await connect(hosts);
    runner = await CommandRunner.on(hosts);
    await other.create('/app', 'first');
    await other.create('/app/a');
  });

  afterAll(async () => {
    await runner[Symbol.asyncDispose]();
    await other.close();
    await server.close();
  });

  it('tells what a node holds, and each change of its data and children, with time and zxid', async () => {
    const tailed = tail(['-n', '3', '/app']);
    await tailed.until(/ is \/app version 0\nfirst\n/);

    await other.set('/app', 'second');
    await tailed.until(/ changed \/app version 1\nsecond\n/);
    await other.create('/app/b');
    await tailed.until(/ childrenChanged \/app\n\+ b\n/);
    await other.delete('/app/a');

    expect(await tailed.code).toBe(0);
    expect(tailed.text).toMatch(/ childrenChanged \/app\n- a\n$/);
    for (const line of tailed.text.split('\n').filter((one) => one.includes(' /app')))
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z 0x[\da-f]+ /);
  });

  it('-r tells of everything below, too', async () => {
    const tailed = tail(['-r', '-n', '2', '/app']);
    await tailed.until(/ is \/app /);

    await other.create('/app/b/deep', 'below', { parents: true });
    await tailed.until(/ created \/app\/b\/deep version 0\nbelow\n/);
    await other.delete('/app/b/deep');

    expect(await tailed.code).toBe(0);
    expect(tailed.text).toMatch(/ 0x[\da-f]+ deleted \/app\/b\/deep\n$/);
  });

  it('waits for a node that is not there yet, and goes on where it is deleted', async () => {
    const tailed = tail(['-n', '2', '/later', '--json']);
    await tailed.until(/"type":"missing","path":"\/later"/);

    await other.create('/later', new Uint8Array([0, 255]));
    await tailed.until(/"type":"created"/);
    await other.delete('/later');

    expect(await tailed.code).toBe(0);
    const told = tailed.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(told).toMatchObject([
      { type: 'missing' },
      { type: 'created', version: 0, data: 'AP8=', encoding: 'base64' },
      { type: 'deleted', zxid: expect.stringMatching(/^0x/) as string },
    ]);
  });

  it('ends when it is told to', async () => {
    const controller = new AbortController();
    const tailed = tail(['/app'], controller.signal);
    await tailed.until(/ is \/app /);

    controller.abort(new Error('enough'));

    expect(await tailed.code).toBe(1);
  });

  function tail(words: readonly string[], signal?: AbortSignal): Expectation {
    return new Expectation(runner, ['tail', ...words], signal);
  }
});

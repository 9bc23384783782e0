import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import type { Server } from '@corral/server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CommandRunner, type Told } from '../../../test/command.ts';
import { serving } from '../../../test/serving.ts';

describe('status', () => {
  let server: Server;
  let hosts: string;
  const strangers: NetServer[] = [];

  beforeAll(async () => {
    ({ server, hosts } = await serving());
  });

  afterAll(() => server.close());

  afterEach(() => {
    for (const one of strangers.splice(0)) one.close();
  });

  it('tells what each server says of itself, without a session', async () => {
    const { code, stdout } = await status(hosts);

    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^SERVER +MODE +ZXID +CONNECTIONS +LATENCY +NODES +VERSION$/);
    expect(stdout.split('\n')[1]).toMatch(
      new RegExp(`^${hosts} +standalone +0x0 +\\d+ +[\\d.]+/[\\d.]+/[\\d.]+ +\\d+ +\\S+$`),
    );
    const json = JSON.parse((await status(hosts, '--json')).stdout) as object;
    expect(json).toMatchObject({ server: hosts, mode: 'standalone', zxid: '0x0', outstanding: '0' });
  });

  it('tells why a server does not serve, beside those that do', async () => {
    const idle = await stranger((socket) =>
      socket.end('This ZooKeeper instance is not currently serving requests\n'),
    );
    const rude = await stranger((socket) => socket.end('\u001B[31mred\r\n\u0007'));

    const { code, stdout } = await status(`127.0.0.1:1,${hosts},${idle},${rude}`);

    expect(code).toBe(0);
    expect(stdout.split('\n').slice(1, 5)).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:1 +- +.*ECONNREFUSED/),
      expect.stringMatching(/ standalone /),
      expect.stringMatching(/ - +This ZooKeeper instance is not currently serving requests$/),
      expect.stringMatching(/ - +\[31mred$/),
    ]);
  });

  it('waits for no server longer than it was told', async () => {
    const silent = await stranger((socket) => socket.resume());

    expect(await status(silent, '--within', '50')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('no answer within 50 ms'),
      stderr: 'no server serves\n',
    });
  });

  it('ends when it is told to', async () => {
    const controller = new AbortController();
    const silent = await stranger((socket) => {
      socket.resume();
      controller.abort(new Error('enough'));
    });

    const told = await CommandRunner.without(silent).run(['status'], { signal: controller.signal });

    expect(told.stderr).toBe('enough\n');
  });

  async function stranger(onWord: (socket: Socket) => void): Promise<string> {
    const made = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => onWord(socket));
    });
    strangers.push(made);
    made.listen(0, '127.0.0.1');
    await once(made, 'listening');
    return `127.0.0.1:${(made.address() as AddressInfo).port}`;
  }

  function status(servers: string, ...words: readonly string[]): Promise<Told> {
    return CommandRunner.without(servers).run(['status', ...words]);
  }
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ability, missingAbilities } from './machine/abilities.ts';
import { LoopDisk } from './machine/disk.ts';
import { clearAbandoned, FOLDER_PREFIX, Leftovers } from './machine/leftovers.ts';
import { Network } from './machine/network.ts';
import { compileShim, Shim } from './machine/shim.ts';

const missing = await missingAbilities();
for (const [ability, reason] of missing) console.log(`left out: ${ability} (${reason})`);
const isAble = (ability: Ability): boolean => !missing.has(ability);

let folder: string;
let leftovers: Leftovers;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  leftovers = new Leftovers(folder);
});

afterEach(() => {
  leftovers.clear();
  rmSync(folder, { recursive: true, force: true });
});

describe.runIf(isAble('powerCut'))('a disk of its own', () => {
  it('keeps what was synced, and loses what was not, when its power is cut', async () => {
    const disk = new LoopDisk(join(folder, 'disk'), 64, leftovers);
    writeFileSync(join(disk.path, 'synced'), 'all of it');
    syncAll(disk.path, join(disk.path, 'synced'));
    writeFileSync(join(disk.path, 'unsynced'), 'all of it');

    await disk.cutPower();
    await disk.restorePower();

    expect(existsSync(join(disk.path, 'synced'))).toBe(true);
    expect(existsSync(join(disk.path, 'unsynced'))).toBe(false);
  });

  it('can be full, and have room again', async () => {
    const disk = new LoopDisk(join(folder, 'disk'), 64, leftovers);

    await disk.fill();
    expect(() => writeFileSync(join(disk.path, 'more'), Buffer.alloc(8192))).toThrow('ENOSPC');

    disk.free();
    writeFileSync(join(disk.path, 'more'), Buffer.alloc(8192));
  });
});

describe.runIf(isAble('network'))('a network of its own', () => {
  it('carries nothing in a direction that is cut, and everything else', async () => {
    const network = new Network(folder.slice(-4).toLowerCase(), [1, 2], leftovers);
    const listeners = [1, 2].map((sid) => listener(network, sid));
    await Promise.all(listeners.map(({ stdout }) => once(stdout!, 'data')));
    const reached = (): Promise<boolean[]> => Promise.all([1, 2].map((sid) => answers(network.host(sid))));

    try {
      expect(await reached()).toEqual([true, true]);

      await network.cut('clients', 1);
      expect(await reached()).toEqual([false, true]);

      await network.heal('clients', 1);
      await network.cut(2, 'clients');
      expect(await reached()).toEqual([true, false]);

      await network.heal(2, 'clients');
      expect(await reached()).toEqual([true, true]);
    } finally {
      for (const server of listeners) server.kill('SIGKILL');
    }
  });
});

describe.runIf(isAble('shim'))('the shim', () => {
  it('moves the wall clock, and fails as many syncs as it is told to', () => {
    const shim = new Shim(compileShim(folder), join(folder, 'control'));
    const hour = 3_600_000;
    shim.setClock(-hour);
    shim.failSyncs(2);

    const program = `
      const { openSync, fsyncSync, fdatasyncSync } = require('node:fs');
      const file = openSync('file', 'w');
      const outcome = (sync) => { try { sync(file); return 'ok'; } catch (error) { return error.code; } };
      console.log(JSON.stringify([Date.now(), outcome(fsyncSync), outcome(fdatasyncSync), outcome(fsyncSync)]));`;
    const { stdout } = spawnSync(process.execPath, ['-e', program], {
      cwd: folder,
      env: { ...process.env, ...shim.environment },
      encoding: 'utf8',
    });
    const [time, ...outcomes] = JSON.parse(stdout) as [number, string, string, string];

    expect(Math.abs(Date.now() - hour - time)).toBeLessThan(hour / 2);
    expect(outcomes).toEqual(['EIO', 'EIO', 'ok']);
    expect(shim.syncsFailed).toBe(2);
  });
});

describe.runIf(isAble('powerCut') && isAble('network'))('what a run has left that was killed', () => {
  it('is cleared away by the next one; what a living one has is not', () => {
    const id = folder.slice(-4).toLowerCase();
    const abandoned = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
    const its = new Leftovers(abandoned);
    const disk = new LoopDisk(join(abandoned, '1'), 64, its);
    const network = new Network(id, [1], its);
    // As if another process had made all that, which is gone.
    writeFileSync(
      join(abandoned, 'made'),
      ['owner 4194304:1', `mount ${disk.path}`, `namespace corral-chaos-${id}-1`, `link ccb${id}`, ''].join(
        '\n',
      ),
    );
    mkdirSync(join(folder, 'mine'));

    const cleared = clearAbandoned();

    expect(cleared.map((name) => join(tmpdir(), name))).toContain(abandoned);
    expect(existsSync(abandoned)).toBe(false);
    expect(existsSync(`/run/netns/corral-chaos-${id}-1`)).toBe(false);
    expect(existsSync(`/sys/class/net/ccb${id}`)).toBe(false);
    expect(existsSync(join(folder, 'mine'))).toBe(true);
    expect(network.host('clients')).toMatch(/\.254$/);
  });
});

function listener(network: Network, sid: number): ReturnType<typeof spawn> {
  const [command, ...words] = network.within(sid);
  const program = `
    const server = require('node:net').createServer((socket) => socket.end('here'));
    server.listen(7000, '0.0.0.0', () => console.log('ready'));`;
  return spawn(command!, [...words, process.execPath, '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function answers(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 7000, timeout: 1500 });
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('data', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

function syncAll(...paths: readonly string[]): void {
  for (const path of paths) {
    const file = openSync(path, 'r');
    fsyncSync(file);
    closeSync(file);
  }
}

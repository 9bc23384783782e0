import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFully, writeFully } from '@corral/persistence';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeDisk } from './index.ts';

const disk = nodeDisk();
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'corral-disk-'));
});

afterEach(() => rm(directory, { recursive: true }));

describe('the disk of the machine', () => {
  test('writes, at once or not, reads, cuts and lengthens', async () => {
    const file = await disk.open(`${directory}/a`, 'create');
    file.writeNow(Uint8Array.of(1, 2, 3), 0);
    await writeFully(file, Uint8Array.of(9), 5);
    await file.datasync();
    await file.truncate(8);
    const content = new Uint8Array(20);
    expect(await readFully(file, content, 1)).toBe(7);
    expect([...content.subarray(0, 7)]).toEqual([2, 3, 0, 0, 9, 0, 0]);
    await file.close();
    expect(await disk.stat(`${directory}/a`)).toEqual({ isDirectory: false, size: 8 });
  });

  test('lists, renames over what is there, removes, and syncs a directory', async () => {
    await writeFile(join(directory, 'a'), 'a');
    await writeFile(join(directory, 'b'), 'b');
    await disk.rename(`${directory}/a`, `${directory}/b`);
    await disk.syncDirectory(directory);
    expect(await disk.list(directory)).toEqual(['b']);
    expect(await readFile(join(directory, 'b'), 'utf8')).toBe('a');
    await disk.remove(`${directory}/b`);
    expect(await disk.stat(`${directory}/b`)).toBeUndefined();
    await disk.makeDirectory(`${directory}/d`);
    await disk.makeDirectory(`${directory}/d`);
    expect(await disk.stat(`${directory}/d`)).toMatchObject({ isDirectory: true });
  });

  test('tells errors by their code, with the path', async () => {
    const path = `${directory}/none`;
    await expect(disk.open(path, 'read')).rejects.toMatchObject({ code: 'NOT_FOUND', file: path });
    await expect(disk.remove(path)).rejects.toMatchObject({ code: 'NOT_FOUND', file: path });
    await expect(disk.list(path)).rejects.toMatchObject({ code: 'NOT_FOUND', file: path });
    await expect(disk.open(directory, 'update')).rejects.toMatchObject({ code: 'IO', file: directory });
    const file = await disk.open(`${directory}/a`, 'create');
    await file.close();
    await expect(file.datasync()).rejects.toMatchObject({ code: 'IO' });
    expect(() => file.writeNow(Uint8Array.of(1), 0)).toThrow(expect.objectContaining({ code: 'IO' }));
  });
});

describe('a lock', () => {
  test('is held against this process', async () => {
    const lock = await disk.lock(`${directory}/lock`);
    await expect(disk.lock(`${directory}/lock`)).rejects.toMatchObject({
      code: 'LOCKED',
      file: `${directory}/lock`,
    });
    await lock.release();
    await lock.release();
    await (await disk.lock(`${directory}/lock`)).release();
  });

  test('is held against other processes, and let go of when its process is killed', async () => {
    const path = `${directory}/lock`;
    const module = new URL('node-disk.ts', import.meta.url).href;
    const program = `
      const { nodeDisk } = await import(${JSON.stringify(module)});
      await nodeDisk().lock(${JSON.stringify(path)});
      console.log('held');
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    await expect(disk.lock(path)).rejects.toMatchObject({ code: 'LOCKED' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await (await disk.lock(path)).release();
  });

  test('leaves behind an empty file at most', async () => {
    await (await disk.lock(`${directory}/lock`)).release();
    for (const name of await disk.list(directory)) {
      expect((await disk.stat(`${directory}/${name}`))?.size).toBe(0);
    }
  });
});

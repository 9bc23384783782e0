import { lookup } from 'node:dns/promises';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What this machine can be asked. */
export interface Machine {
  /** Addresses of a name; none where there is no such name. */
  resolve(host: string): Promise<readonly string[]>;
  /** How long syncs of a small write took, in milliseconds, in a file that is removed again. */
  syncTimes(directory: string): Promise<readonly number[]>;
  /** Undefined where that is not known. */
  swapBytesInUse(): Promise<number | undefined>;
}

export const thisMachine: Machine = {
  async resolve(host) {
    try {
      return (await lookup(host, { all: true })).map(({ address }) => address);
    } catch {
      return [];
    }
  },

  async syncTimes(directory) {
    const path = join(directory, `corral-doctor.${process.pid}`);
    const file = await open(path, 'wx', 0o600);
    try {
      const block = new Uint8Array(BLOCK_BYTES);
      const times: number[] = [];
      for (let i = 0; i < SYNCS; i++) {
        const begun = performance.now();
        await file.write(block, 0, block.length, i * BLOCK_BYTES);
        await file.datasync();
        times.push(performance.now() - begun);
      }
      return times;
    } finally {
      await file.close();
      await rm(path);
    }
  },

  async swapBytesInUse() {
    const text = await readFile('/proc/meminfo', 'latin1').catch(() => '');
    const kiloBytes = (name: string): number =>
      Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]);
    const inUse = (kiloBytes('SwapTotal') - kiloBytes('SwapFree')) * 1024;
    return Number.isNaN(inUse) ? undefined : inUse;
  },
};

const SYNCS = 100;
const BLOCK_BYTES = 4096;

import { mkdirSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Leftovers } from './leftovers.ts';
import { attempt, run, runSync } from './shell.ts';

/** Where a member keeps its data. */
export interface Disk {
  readonly path: string;
}

/** A folder of the machine's own disk. */
export function plainDisk(path: string): Disk {
  mkdirSync(path, { recursive: true });
  return { path };
}

/** An ext4 of its own in a file: it can be full, and lose its power. */
export class LoopDisk implements Disk {
  readonly path: string;
  readonly #image: string;

  constructor(path: string, megabytes: number, leftovers: Leftovers) {
    this.path = path;
    this.#image = `${path}.ext4`;
    mkdirSync(path, { recursive: true });
    writeFileSync(this.#image, '');
    truncateSync(this.#image, megabytes * 2 ** 20);
    runSync('mkfs.ext4', '-q', '-F', '-m', '0', this.#image);
    leftovers.note('mount', path);
    runSync(...this.#mounting);
  }

  /** What was not synced is gone, as far as the kernel had not written it by itself. All that used it must be dead. */
  async cutPower(): Promise<void> {
    await run('perl', '-e', SHUTDOWN, this.path);
  }

  /** Power is back: the journal is played. */
  async restorePower(): Promise<void> {
    await unmount(this.path);
    await run(...this.#mounting);
  }

  /** Takes all the room there is. */
  async fill(): Promise<void> {
    const filler = join(this.path, FILLER);
    for (let bytes = freeBytes(this.path); bytes >= 4096; bytes = Math.floor(bytes / 2))
      await attempt('fallocate', '-o', String(sizeOf(filler)), '-l', String(bytes), filler);
  }

  free(): void {
    rmSync(join(this.path, FILLER), { force: true });
  }

  get #mounting(): readonly string[] {
    return ['mount', '-o', 'loop', this.#image, this.path];
  }
}

/** The last process of a mount may need a moment to be gone. */
async function unmount(path: string): Promise<void> {
  for (let tries = 0; !(await attempt('umount', path)); tries++) {
    if (tries === 50) throw new Error(`umount ${path}: somebody still uses it`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

const FILLER = 'filler';

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: nothing more is written, not even the journal. */
const SHUTDOWN = `
  open(my $d, '<', $ARGV[0]) or die "$!";
  my $flags = pack('L', 2);
  ioctl($d, 0x8004587d, $flags) or die "$!";
`;

import { spawnSync } from 'node:child_process';
import { closeSync, createReadStream, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What programs tell a test: it hears their lines, and when none of them is left that could say more. */
export class Fifo implements AsyncDisposable {
  readonly path: string;
  /** All that was said, when everybody who had it open has ended. */
  readonly ended: Promise<string>;
  readonly #folder: string;
  readonly #lines: AsyncIterator<string>;

  private constructor(folder: string, path: string) {
    this.#folder = folder;
    this.path = path;
    const input = createReadStream(path);
    this.ended = new Promise((resolve) => {
      let said = '';
      input.on('data', (chunk) => (said += chunk.toString()));
      input.once('close', () => resolve(said));
    });
    this.#lines = createInterface({ input })[Symbol.asyncIterator]();
  }

  static async make(): Promise<Fifo> {
    const folder = await mkdtemp(join(tmpdir(), 'corral-fifo-'));
    const path = join(folder, 'fifo');
    const { status, stderr } = spawnSync('sh', ['-c', 'mkfifo "$0"', path], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`mkfifo: ${stderr}`);
    return new Fifo(folder, path);
  }

  /** A program that says so when it begins, and what it is told to tell, and goes on for ever in a program of its own. */
  goingOn(tells = 'begun'): readonly string[] {
    return ['sh', '-c', `exec 3>"$0"; echo ${tells} >&3; sleep 1000 & wait`, this.path];
  }

  /** Open for writing until it is disposed of: it does not end with the first who says something. */
  held(): Disposable {
    const descriptor = openSync(this.path, 'r+');
    return { [Symbol.dispose]: () => closeSync(descriptor) };
  }

  /** The next line. */
  async line(): Promise<string> {
    return ((await this.#lines.next()).value as string | undefined) ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Where nobody ever opened it, whoever reads it waits for that.
    spawnSync('sh', ['-c', ': <>"$0"', this.path]);
    await rm(this.#folder, { recursive: true });
  }
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call } from './command.ts';
import { CommandError, ExitCode } from './exit-code.ts';
import { runProgram } from './run-program.ts';

/** A text in a file that only its owner may read, for his editor. It is gone with the object, unless it is kept. */
export class EditedFile implements AsyncDisposable {
  readonly path: string;
  readonly original: string;
  readonly #folder: string;
  #isKept = false;

  private constructor(folder: string, path: string, original: string) {
    this.#folder = folder;
    this.path = path;
    this.original = original;
  }

  /** @param nodePath its last name is the file's: editors know by it what it holds */
  static async of(nodePath: string, text: string): Promise<EditedFile> {
    const folder = await mkdtemp(join(tmpdir(), 'corral-edit-'));
    const name = nodePath.slice(nodePath.lastIndexOf('/') + 1) || 'root';
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    return new EditedFile(folder, path, text);
  }

  /** @throws CommandError where the editor could not be run, or ends with anything but 0: that is how one gives up */
  async edit(call: Call): Promise<void> {
    const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
    // It may have words of its own: `code --wait`.
    const code = await runProgram(call, ['/bin/sh', '-c', `${editor} "$1"`, editor, this.path], {});
    if (code !== 0)
      throw new CommandError(ExitCode.interrupted, `${editor} ended with ${code}: nothing was changed`);
  }

  /** Without the end of line that editors put behind a text that has none. */
  async read(): Promise<string> {
    const bytes = await readFile(this.path);
    const text = bytes.toString();
    if (!Buffer.from(text).equals(bytes))
      throw new CommandError(ExitCode.usage, 'what you wrote is no UTF-8; nothing was changed');
    return !this.original.endsWith('\n') && text.endsWith('\n') ? text.slice(0, -1) : text;
  }

  /** It stays. @returns where */
  keep(): string {
    this.#isKept = true;
    return this.path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isKept) await rm(this.#folder, { recursive: true, force: true });
  }
}

import { BadVersionError, type Got } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { EditedFile } from '../../edited-file.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { bytesOrNull, dataJson } from '../../node-data.ts';
import { statJson } from '../../stat-text.ts';

export const edit: Command = {
  names: ['edit'],
  group: 'change',
  usage: '[-b] path',
  summary:
    '$VISUAL or $EDITOR on the data of a node, which are set when it ends, unless somebody has changed them meanwhile; an end of line that the editor adds is left off',
  example: 'edit /config',
  flags: [{ name: '-b', summary: 'the data in base64' }],
  operands: [{ name: 'path', kind: 'path' }],
  async run(call) {
    const { client, words, out } = call;
    const [path] = words.operands as [string];
    const before = await client.get(path, bytesOrNull, { signal: call.signal });
    await using file = await EditedFile.of(path, textOf(call, path, before));
    await file.edit(call);
    try {
      await setUnlessOvertaken(call, path, file, before);
    } catch (error) {
      // Whatever came of it, what somebody has typed is not lost.
      out.note(`what you wrote is in ${file.keep()}`);
      throw error;
    }
  },
};

/** Where somebody was faster, whoever sits there says what is to be done about it. */
async function setUnlessOvertaken(
  call: Call,
  path: string,
  file: EditedFile,
  before: Got<Uint8Array | null>,
): Promise<void> {
  const { client, out, signal } = call;
  for (let base = before.stat.version; ;) {
    const text = await file.read();
    if (text === file.original) return out.note('nothing was changed');
    if (isOnlyTold(call, `set ${path}`)) return;
    try {
      const stat = await client.set(path, bytesOf(call, text), { version: base, signal });
      out.json({ path, stat: statJson(stat) });
      return out.note(`Set ${path}, now in version ${stat.version}`);
    } catch (error) {
      if (!(error instanceof BadVersionError)) throw error;
    }
    const { stat } = await client.get(path, { signal });
    await askAboutConflict(call, path, file, base, stat.version);
    base = stat.version;
  }
}

async function askAboutConflict(
  call: Call,
  path: string,
  file: EditedFile,
  base: number,
  now: number,
): Promise<void> {
  const seen = `${path} was changed meanwhile: you began with version ${base}, and it is in version ${now}`;
  if (call.settings.isInteractive) {
    call.out.note(seen);
    const answer = await call.ask('[o]verwrite it, [e]dit yours again, or leave it as it is? ');
    if (answer.startsWith('o')) return;
    if (answer.startsWith('e')) return file.edit(call);
  }
  throw new CommandError(
    ExitCode.badVersion,
    `${seen}\nwhat it is now: corral get ${path}\nto overwrite that: corral set -v ${now} ${path} "$(cat ${file.path})"`,
  );
}

function textOf({ words }: Call, path: string, { data }: Got<Uint8Array | null>): string {
  const { data: text, encoding } = dataJson(data);
  if (words.has('-b')) return Buffer.from(data ?? []).toString('base64');
  if (encoding === 'utf8') return text ?? '';
  throw new CommandError(ExitCode.refused, `${path} is no text; edit -b has it in base64`);
}

function bytesOf({ words }: Call, text: string): Uint8Array {
  if (!words.has('-b')) return Buffer.from(text);
  const wanted = text.replaceAll(/\s/g, '');
  const bytes = Buffer.from(wanted, 'base64');
  if (bytes.toString('base64') === wanted) return bytes;
  throw new CommandError(ExitCode.usage, 'what you wrote is no base64; nothing was changed');
}

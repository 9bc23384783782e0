import { BadVersionError, utf8 } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { parseJson, valueAt, withValueAt, writeJsonLike } from '../../json-text.ts';
import { statJson } from '../../stat-text.ts';

export const json: Command = {
  names: ['json'],
  group: 'change',
  usage: '[--text] get path [pointer] | set path pointer value',
  summary:
    'a part of the JSON in a node, by a JSON Pointer; what others change meanwhile is kept, and numbers are as they are written',
  example: 'json set /config /servers/0/port 8080',
  flags: [{ name: '--text', summary: 'the value is text, not JSON' }],
  operands: [
    { name: 'get|set', kind: 'word' },
    { name: 'path', kind: 'path' },
    { name: 'pointer', kind: 'word', isOptional: true },
    { name: 'value', kind: 'data', isOptional: true },
  ],
  async run(call) {
    const [what, path, pointer = '', value] = call.words.operands as [string, string, string?, string?];
    if (what === 'get' && value === undefined) return get(call, path, pointer);
    if (what === 'set' && value !== undefined) return set(call, path, pointer, value);
    throw new CommandError(
      ExitCode.usage,
      `json ${what}: json get path [pointer], json set path pointer value`,
    );
  },
};

async function get(call: Call, path: string, pointer: string): Promise<void> {
  const { client, words, out, signal } = call;
  const { data } = await client.get(path, utf8, { signal });
  const value = valueAt(documentOf(path, data), pointer);
  if (value === undefined) throw new CommandError(ExitCode.noNode, `${path} has nothing at ${pointer}`);
  out.line(words.has('--text') && typeof value === 'string' ? value : JSON.stringify(value, undefined, 2));
  out.json(value);
}

async function set(call: Call, path: string, pointer: string, text: string): Promise<void> {
  const { client, words, out, signal } = call;
  const value = words.has('--text') ? text : valueOf(text);
  for (;;) {
    const { data, stat } = await client.get(path, utf8, { signal });
    const changed = writeJsonLike(data, withValueAt(documentOf(path, data), pointer, value));
    if (isOnlyTold(call, `set ${path} to ${changed}`)) return;
    try {
      const after = await client.set(path, changed, { version: stat.version, signal });
      out.json({ path, stat: statJson(after) });
      return;
    } catch (error) {
      // Somebody was faster: this part of what is there now.
      if (!(error instanceof BadVersionError)) throw error;
    }
  }
}

function documentOf(path: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new CommandError(ExitCode.refused, `${path} is no JSON: ${(cause as Error).message}`, { cause });
  }
}

function valueOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new CommandError(ExitCode.usage, `${text} is no JSON; --text takes it as text`, { cause });
  }
}

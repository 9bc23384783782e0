import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dice } from '../dice.ts';
import { path } from '../records.ts';
import { type Target, TWO_FRAMES } from '../target.ts';
import { appModule } from './app-module.ts';

let importNodes: Importing['importNodes'] | undefined;
let file = '';
const refusals: (abstract new (...args: never[]) => Error)[] = [];

/** `corral import FILE`: nodes are made, or the file is refused by its line and nothing was changed. */
export const exportFiles: Target = {
  name: 'export-files',
  async prepare() {
    if (importNodes !== undefined) return;
    refusals.push((await appModule<Failures>('cli/src/exit-code.ts')).CommandError);
    const folder = mkdtempSync(join(tmpdir(), 'corral-fuzz-export-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    file = join(folder, 'export');
    ({ importNodes } = await appModule<Importing>('cli/src/commands/move/import.ts'));
  },
  valid: exportText,
  async read(bytes) {
    writeFileSync(file, bytes);
    let changes = 0;
    const change = async (): Promise<void> => void changes++;
    try {
      await importNodes!.run({
        words: { operands: [file, '/to'], value: () => undefined },
        client: { exists: async () => null, create: change, set: change, setAcl: change },
        out: { line() {}, note() {}, json() {}, progress() {} },
        settings: { isDryRun: false },
        signal: AbortSignal.any([]),
      });
    } catch (error) {
      if (changes > 0)
        throw new Error(`${changes} nodes were made of a file that is refused`, { cause: error });
      throw error;
    }
  },
  refusals,
  memoryMax: TWO_FRAMES,
  weight: 20,
};

interface Importing {
  readonly importNodes: { run(call: object): Promise<unknown> };
}

interface Failures {
  readonly CommandError: abstract new (...args: never[]) => Error;
}

/** Lines of JSON, the last with the checksum of those before: so what stands in them is looked at, too. */
function exportText(dice: Dice): Uint8Array {
  const lines: unknown[] = [{ format: 'corral-export', version: 1, root: path(dice) }];
  const nodes = dice.length(8);
  for (let i = 0; i < nodes; i++) lines.push(dice.once(10) ? oddity(dice) : node(dice));
  if (dice.once(15)) lines[dice.below(lines.length)] = oddity(dice);
  let text = lines.map((line) => `${JSON.stringify(line) ?? ''}\n`).join('');
  if (dice.once(20))
    text = text.replace(
      dice.pick(['"path"', '"acl"', '"data"', '"version"']),
      dice.pick(['"__proto__"', '"x"', '']),
    );
  const sha256 = createHash('sha256').update(text).digest('hex');
  const count = dice.once(10) ? dice.int() : nodes;
  return new TextEncoder().encode(`${text}${JSON.stringify({ nodes: count, sha256 })}\n`);
}

function node(dice: Dice): object {
  const data = dice.pick([null, '', 'text', 'AAD/', '////', 'AA==', 'A', 7, [], '\ud800']);
  const encoding = dice.pick(['utf8', 'base64', 'base64', 'latin1', undefined, null]);
  return { path: dice.once(10) ? oddity(dice) : path(dice), data, encoding, acl: acl(dice) };
}

function acl(dice: Dice): unknown {
  const entry = { scheme: 'world', id: 'anyone', perms: dice.pick(['cdrwa', 'r', '', 'x', 'rrrr']) };
  return dice.pick([[entry], [entry, entry], [entry], [], {}, null, [null], [[]], [{ ...entry, id: 7 }]]);
}

function oddity(dice: Dice): unknown {
  return dice.pick([
    null,
    7,
    'text',
    [],
    {},
    { path: {} },
    { sha256: null },
    { nodes: 0, sha256: '' },
    true,
    { __proto__: null, path: '/' },
  ]);
}

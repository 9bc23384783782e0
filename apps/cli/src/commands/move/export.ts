import type { Call, Command } from '../../command.ts';
import { copiedSubtree } from '../../copied-subtree.ts';
import { counted } from '../../counted.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';

/** UTF-16 units of lines that are written to a file at once. */
const GATHERED_MAX = 256 * 1024;

export const exportNodes: Command = {
  names: ['export'],
  group: 'move',
  usage: '[-o file] path',
  summary: 'a node and all below it as lines of JSON, for import; ephemeral nodes are left out',
  example: 'export -o app.jsonl /app',
  flags: [{ name: '-o', value: 'file', summary: 'a new file, which is there when it is whole' }],
  operands: [{ name: 'path', kind: 'path' }],
  async run(call) {
    const { words, out } = call;
    const [root] = words.operands as [string];
    const file = words.value('-o');
    if (file === undefined) {
      await writeExport(call, root, async (record) => {
        out.line(JSON.stringify(record));
        out.json(record);
        await out.drained();
      });
      return;
    }
    const nodes = await writeFile(file, (write) => writeExport(call, root, write));
    out.json({ path: root, file, nodes });
    out.note(`Exported ${counted(nodes, 'node')}`);
  },
};

type Write = (record: object) => Promise<void>;

/** @returns how many nodes */
async function writeExport(call: Call, root: string, write: Write): Promise<number> {
  const { out } = call;
  const { ExportWriter } = await import('../../export-file.ts');
  const writer = new ExportWriter();
  let isBegun = false;
  for await (const copy of copiedSubtree(call, root)) {
    if (!isBegun) await write(writer.header(root));
    isBegun = true;
    await write(writer.node(copy));
    if (writer.nodes % 1000 === 0) out.progress(counted(writer.nodes, 'node'));
  }
  await write(writer.trailer());
  out.progress('');
  return writer.nodes;
}

/** Under another name until it is whole and on the disk. */
async function writeFile(file: string, fill: (write: Write) => Promise<number>): Promise<number> {
  const { existsSync } = await import('node:fs');
  const { open, rename, rm } = await import('node:fs/promises');
  if (existsSync(file)) throw new CommandError(ExitCode.usage, `${file} exists`);
  const part = `${file}.part`;
  const handle = await open(part, 'w').catch((error: unknown) => {
    throw new CommandError(ExitCode.usage, `${part} cannot be written: ${(error as Error).message}`);
  });
  try {
    let gathered = '';
    const nodes = await fill(async (record) => {
      gathered += `${JSON.stringify(record)}\n`;
      if (gathered.length < GATHERED_MAX) return;
      const text = gathered;
      gathered = '';
      await handle.appendFile(text);
    });
    await handle.appendFile(gathered);
    await handle.sync();
    await handle.close();
    await rename(part, file);
    return nodes;
  } catch (error) {
    await handle.close();
    await rm(part, { force: true });
    throw error;
  }
}

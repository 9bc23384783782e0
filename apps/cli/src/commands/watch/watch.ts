import type { WatchEvent } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { numberOf } from '../../numbers.ts';
import { zxidText } from '../../zxid-text.ts';

export const watch: Command = {
  names: ['watch'],
  group: 'watch',
  usage: '[-r] [-n count] [--exec command] path',
  summary: 'the events of a node as they come, until Ctrl-C',
  flags: [
    { name: '-r', summary: 'and of everything below' },
    { name: '-n', value: 'count', summary: 'ends after so many' },
    {
      name: '--exec',
      value: 'command',
      summary: 'runs it for each, one after the other, with CORRAL_EVENT, CORRAL_PATH and CORRAL_ZXID',
    },
  ],
  operands: [{ name: 'path', kind: 'path' }],
  async run(call) {
    const { client, words, out, signal } = call;
    const [path] = words.operands as [string];
    const eventsMax = numberOf(words, '-n', 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY;
    const command = words.value('--exec');
    await using events = client.watch(path, { recursive: words.has('-r'), signal });
    await events.ready;
    out.note(`watching ${path}`);
    let told = 0;
    for await (const event of events) {
      out.line(textOf(event));
      out.json(event);
      await out.drained();
      if (command !== undefined) await execute(call, command, event);
      if (++told >= eventsMax) return;
    }
  },
};

/** `created /a 0x12`; `resync /a` where some may have been missed. */
function textOf(event: WatchEvent): string {
  return event.type === 'resync'
    ? `resync ${event.path}`
    : `${event.type} ${event.path} ${zxidText(event.zxid)}`;
}

/** With its standard output and error for ours, and nothing to read. What it fails of is told; the next event is waited for. */
async function execute({ out, signal }: Call, command: string, event: WatchEvent): Promise<void> {
  const { spawn } = await import('node:child_process');
  const zxid = event.type === 'resync' ? '' : zxidText(event.zxid);
  const env = { ...process.env, CORRAL_EVENT: event.type, CORRAL_PATH: event.path, CORRAL_ZXID: zxid };
  const child = spawn(command, { shell: true, stdio: ['ignore', 'inherit', 'inherit'], env, signal });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  child.once('error', (error) => resolve(error.message));
  child.once('close', (code, killedBy) => resolve(code === 0 ? undefined : `ended with ${code ?? killedBy}`));
  const failure = await promise;
  signal.throwIfAborted();
  if (failure !== undefined) out.note(`${command}: ${failure}`);
}

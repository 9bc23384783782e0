import type { Call, Command } from '../../command.ts';
import { namedValues } from '../../servers.ts';
import { askForWord } from '../../four-letter-word.ts';
import { numberOf } from '../../numbers.ts';
import { table } from '../../table.ts';

export const members: Command = {
  names: ['members'],
  group: 'server',
  usage: '[--within ms]',
  summary: 'the members of the ensemble, as its configuration has them, and what each of them is now',
  flags: [{ name: '--within', value: 'ms', summary: 'how long a member has to answer; default 3000' }],
  operands: [],
  example: 'members',
  async run(call) {
    const { connection, out, signal } = call;
    const { QuorumConfig } = await import('@corral/protocol');
    const { text } = await connection.serverClient!.ensemble.config({ signal });
    const isEnsemble = /^server\./m.test(text);
    const config = isEnsemble ? QuorumConfig.parse(text) : undefined;
    if (config === undefined) {
      out.note('no members are named: the server stands alone');
      return;
    }
    const rows = await Promise.all(
      [...config.servers.values()].map(async ({ id, type, addresses, client }) => {
        const [{ host, port, electionPort }] = addresses as [(typeof addresses)[0]];
        const clientHost = isAnyAddress(client?.host) ? host : client!.host;
        const at = client === undefined ? undefined : { host: clientHost, port: client.port };
        const now = at === undefined ? UNKNOWN : await nowOf(call, at);
        return {
          id: String(id),
          type,
          quorum: `${host}:${port}:${electionPort}`,
          client: at === undefined ? '-' : `${at.host}:${at.port}`,
          mode: now.mode,
          zxid: now.zxid,
        };
      }),
    );
    signal.throwIfAborted();
    for (const row of rows) out.json({ ...row, configVersion: config.version.toString(16) });
    for (const line of table(
      HEADINGS,
      rows.map((row) => Object.values(row)),
    ))
      out.line(line);
    out.line(`version ${config.version.toString(16)}`);
  },
};

async function nowOf(
  { words, signal }: Call,
  at: { readonly host: string; readonly port: number },
): Promise<{ readonly mode: string; readonly zxid: string }> {
  const withinMs = numberOf(words, '--within', 1, 3_600_000) ?? 3000;
  try {
    const said = namedValues(await askForWord(at, 'srvr', withinMs, signal), ': ');
    return { mode: said.get('Mode') ?? 'not serving', zxid: said.get('Zxid') ?? '-' };
  } catch {
    return { mode: 'not reached', zxid: '-' };
  }
}

/** It listens on all of its machine's. */
function isAnyAddress(host: string | undefined): boolean {
  return host === undefined || host === '0.0.0.0' || host === '::' || host === '';
}

const UNKNOWN = { mode: '-', zxid: '-' };
const HEADINGS = ['ID', 'TYPE', 'QUORUM', 'CLIENTS', 'NOW', 'ZXID'];

import { freePorts, type ServerProgram } from '@corral-test/oracle';
import { join } from 'node:path';
import type { Missing } from './machine/abilities.ts';
import { LoopDisk, plainDisk } from './machine/disk.ts';
import type { Leftovers } from './machine/leftovers.ts';
import { Network } from './machine/network.ts';
import { compileShim, Shim } from './machine/shim.ts';
import { Member } from './member.ts';

export const TICK_MS = 500;
export const SYNC_LIMIT = 4;

export interface EnsemblePlan {
  readonly servers: number;
  readonly program: ServerProgram;
  readonly folder: string;
  readonly runId: string;
  readonly missing: Missing;
  readonly leftovers: Leftovers;
  /** Room on each disk. */
  readonly megabytes: number;
  readonly snapCount: number;
  /** Lines of `zoo.cfg` beside those that every run has. */
  readonly config: Readonly<Record<string, string>>;
}

/** Members with a network and a disk of their own, as far as the machine is able to; nobody runs yet. */
export async function layOut(
  plan: EnsemblePlan,
): Promise<{ readonly members: readonly Member[]; readonly network: Network | undefined }> {
  const { servers, program, folder, runId, missing, leftovers, megabytes } = plan;
  const sids = Array.from({ length: servers }, (_, i) => i + 1);
  const network = missing.has('network') ? undefined : new Network(runId, sids, leftovers);
  const library = missing.has('shim') ? undefined : compileShim(folder);
  const ports = network === undefined ? await freePorts(servers * 3) : [];
  const places = sids.map((sid, i) => ({
    sid,
    host: network?.host(sid) ?? '127.0.0.1',
    port: ports[i * 3] ?? 2181,
    quorumPort: ports[i * 3 + 1] ?? 2888,
    electionPort: ports[i * 3 + 2] ?? 3888,
  }));
  const configText = [
    ...Object.entries(configOf(plan)).map(([key, value]) => `${key}=${value}\n`),
    ...places.map(
      ({ sid, host, quorumPort, electionPort }) => `server.${sid}=${host}:${quorumPort}:${electionPort}\n`,
    ),
  ].join('');
  const members = places.map(({ sid, host, port }) => {
    const own = join(folder, String(sid));
    const disk = join(own, 'disk');
    return new Member({
      sid,
      program,
      folder: own,
      disk: missing.has('disk') ? plainDisk(disk) : new LoopDisk(disk, megabytes, leftovers),
      host,
      port,
      configText,
      within: network?.within(sid) ?? [],
      shim: library === undefined ? undefined : new Shim(library, join(own, 'control')),
      leftovers,
    });
  });
  return { members, network };
}

function configOf({ snapCount, config }: EnsemblePlan): Readonly<Record<string, string | number>> {
  return {
    tickTime: TICK_MS,
    initLimit: 20,
    syncLimit: SYNC_LIMIT,
    maxClientCnxns: 0,
    'admin.enableServer': 'false',
    '4lw.commands.whitelist': '*',
    snapCount,
    // A disk without room is noticed soon: what was allocated before does not last.
    preAllocSize: 16,
    'autopurge.snapRetainCount': 3,
    'autopurge.purgeInterval': 1,
    ...config,
  };
}

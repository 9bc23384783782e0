import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { ConfigFile } from './config-file.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';

/** What is wrong with this machine, for a server with that configuration. */
export async function machineFindings(config: ConfigFile, machine: Machine): Promise<readonly Finding[]> {
  const [names, disk, swap] = await Promise.all([
    nameFindings(config, machine),
    diskFindings(config, machine),
    swapFindings(machine),
  ]);
  return [...names, ...disk, ...swap];
}

async function nameFindings(config: ConfigFile, machine: Machine): Promise<readonly Finding[]> {
  const servers = [...(config.members?.servers.values() ?? [])];
  const hosts = new Set(servers.flatMap(({ addresses }) => addresses.map(({ host }) => host)));
  const where = config.memberFile;
  const found = await Promise.all(
    [...hosts].map(async (host): Promise<Finding | undefined> => {
      if (isIP(host) !== 0) return undefined;
      const addresses = await machine.resolve(host);
      if (addresses.length === 0) {
        const why = 'this server does not find that member';
        const fix = `a record for ${host} in DNS, or a line in /etc/hosts`;
        return { severity: 'bad', rule: 'dns', where, seen: `${host} has no address`, why, fix };
      }
      const isLoopback = addresses.some((address) => LOOPBACK.test(address));
      if (!isLoopback || hosts.size === 1 || host === 'localhost') return undefined;
      const seen = `${host} is ${addresses.join(', ')} here`;
      const why = 'where that is this server it listens on loopback only, and no other member reaches it';
      const fix = `the line with ${host} in /etc/hosts away, or quorumListenOnAllIPs=true`;
      return { severity: 'bad', rule: 'dns-loopback', where, seen, why, fix };
    }),
  );
  return found.filter((finding) => finding !== undefined);
}

async function diskFindings(config: ConfigFile, machine: Machine): Promise<readonly Finding[]> {
  const directory = config.value('dataLogDir') ?? config.value('dataDir');
  if (directory === undefined || directory === '') return [];
  const where = resolve(directory);
  let times: readonly number[];
  try {
    times = (await machine.syncTimes(where)).toSorted((a, b) => a - b);
  } catch {
    // That it is not there, or not ours, is another rule's.
    return [];
  }
  const average = times.reduce((sum, ms) => sum + ms, 0) / times.length;
  const p99 = times[Math.ceil(times.length * 0.99) - 1] ?? 0;
  if (average <= AVERAGE_BAD_MS && p99 <= P99_WARN_MS) return [];
  const seen = `a sync takes ${average.toFixed(1)} ms, and one in a hundred ${p99.toFixed(1)} ms`;
  const why = 'every write waits for the log of a quorum';
  const fix =
    'dataLogDir on a disk of its own, with a cache that survives a power cut; ask again when the machine is quiet';
  return [{ severity: average > AVERAGE_BAD_MS ? 'bad' : 'warn', rule: 'disk-slow', where, seen, why, fix }];
}

async function swapFindings(machine: Machine): Promise<readonly Finding[]> {
  const bytes = (await machine.swapBytesInUse()) ?? 0;
  if (bytes === 0) return [];
  const seen = `${Math.ceil(bytes / 1024 / 1024)} MB of swap are in use`;
  const why = 'a server that waits for its own memory misses its heartbeats: sessions expire, leaders fall';
  const fix = 'swapoff -a, or less on this machine; MemorySwapMax=0 in its unit';
  return [{ severity: 'warn', rule: 'swap', where: 'this machine', seen, why, fix }];
}

const LOOPBACK = /^(127\.|::1$)/;
/** ZooKeeper is slow from here on, and unusable. */
const P99_WARN_MS = 20;
const AVERAGE_BAD_MS = 100;

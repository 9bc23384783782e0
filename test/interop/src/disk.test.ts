import {
  create,
  exists,
  isThere,
  on,
  Player,
  type ServerOptions,
  ServerProcess,
  type Step,
} from '@corral-test/oracle';
import { mkdtempDisposableSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apaches, corral } from './disk-programs.ts';
import { Relay } from './disk-relay.ts';
import { leftOpen, workload } from './disk-workload.ts';

interface Leg {
  readonly writer: 'Corral' | 'Apache';
  readonly end: 'stop' | 'kill';
  readonly compression?: 'gz' | 'snappy';
  readonly logsApart?: true;
}

const legs: readonly Leg[] = [
  { writer: 'Corral', end: 'stop' },
  { writer: 'Corral', end: 'kill', logsApart: true },
  { writer: 'Corral', end: 'stop', compression: 'gz' },
  { writer: 'Corral', end: 'kill', compression: 'snappy' },
  { writer: 'Apache', end: 'stop', logsApart: true },
  { writer: 'Apache', end: 'kill' },
  { writer: 'Apache', end: 'kill', compression: 'gz' },
  { writer: 'Apache', end: 'stop', compression: 'snappy' },
];

const suite = 'a data directory shared with';

describe.each(apaches)(`${suite} %s`, { concurrent: true }, (version, apache) => {
  const isPossible = isThere(`${suite} ${version}`, corral) && isThere(`${suite} ${version}`, apache);

  test.runIf(isPossible).for(legs.map((leg) => [nameOf(leg), leg] as const))('%s', async ([, leg]) => {
    if ('missing' in corral || 'missing' in apache) return;
    const [writer, reader] = leg.writer === 'Corral' ? [corral, apache] : [apache, corral];
    using folder = mkdtempDisposableSync(join(tmpdir(), 'corral-disk-'));
    await using relay = await Relay.start(writer, folder.path, optionsOf(leg, folder.path));

    await relay.play(workload(1, apache));
    const left = await relay.state();
    await relay.handOver(leg.end, reader);

    expect(await relay.state()).toEqual(left);
    await expectSound(relay, leg);
    await relay.play([...takenOver, ...workload(2, apache)]);
    const leftAgain = await relay.state();
    await relay.handOver(leg.end === 'stop' ? 'kill' : 'stop', writer);

    expect(await relay.state()).toEqual(leftAgain);
    await expectSound(relay, leg);
  });

  test.runIf(isPossible).for([
    ['Corral', 'Apache'],
    ['Apache', 'Corral'],
  ])('has sessions of %s that expire in %s with their ephemeral nodes', async ([owner]) => {
    if ('missing' in corral || 'missing' in apache) return;
    const [writer, reader] = owner === 'Corral' ? [corral, apache] : [apache, corral];
    using folder = mkdtempDisposableSync(join(tmpdir(), 'corral-disk-'));
    await using relay = await Relay.start(writer, folder.path, { config: { tickTime: 500 } });

    await relay.play([{ do: 'connect', conn: 0, with: { timeOut: 1000 } }, ...on(0, create('/e', '', 1))]);
    await relay.handOver('kill', reader);
    await relay.play([
      { do: 'connect', conn: 1 },
      ...on(1, exists('/e', true)),
      { do: 'events', conn: 1, count: 1 },
    ]);

    const { nodes, sessions } = await relay.state();
    expect([Object.keys(nodes).length > 3, nodes['/e'], sessions.length]).toEqual([true, undefined, 1]);
  });

  test.runIf(isPossible)('holds three files of Corral alone, which Apache overlooks', async () => {
    if ('missing' in corral || 'missing' in apache) return;
    using folder = mkdtempDisposableSync(join(tmpdir(), 'corral-disk-'));
    const dataDir = folder.path;

    for (const program of [corral, apache, corral]) {
      await using server = await ServerProcess.start(program, { dataDir });
      const player = new Player(server.port);
      await player.play([{ do: 'connect', conn: 0 }]);
      await player.end();
      await server.stop();

      const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' });
      expect(
        files.filter((name) => !/^version-2(\/(log|snapshot)\.[0-9a-f]+)?$/.test(name)).toSorted(),
      ).toEqual(['session.key', 'version-2/corral.lock', 'version-2/corral.synced']);
    }
  });
});

async function expectSound(relay: Relay, { compression }: Leg): Promise<void> {
  expect(await relay.digestMismatches()).toBe('0');
  if (relay.program.name === 'apache-3.8') return;
  const tried = relay.snapshotsTried();
  expect(tried.at(-1)).toMatch(compression === undefined ? /\.[0-9a-f]+$/ : new RegExp(`\\.${compression}$`));
  // A snapshot that Apache was killed over is there in part, and then there is an older one. Corral's are whole.
  expect(tried.length).toBeLessThanOrEqual(relay.program.name === 'corral' ? 2 : 1);
}

/** Whoever knows the password of a session that was left open has it on the other server, too. */
const takenOver: readonly Step[] = leftOpen.map((conn) => ({ do: 'connect', conn, with: { attach: conn } }));

function nameOf({ writer, end, compression, logsApart }: Leg): string {
  const other = writer === 'Corral' ? 'Apache' : 'Corral';
  const how = end === 'stop' ? 'ended by SIGTERM' : 'killed';
  const snapshots = compression === undefined ? 'plain snapshots' : `snapshots packed by ${compression}`;
  const place = logsApart === true ? ' and logs apart' : '';
  return `what ${writer}, ${how}, leaves with ${snapshots}${place} is the same in ${other}, and then in ${writer} again`;
}

function optionsOf({ compression, logsApart }: Leg, folder: string): ServerOptions {
  return {
    config: logsApart === true ? { dataLogDir: join(folder, 'logs') } : {},
    properties: compression === undefined ? {} : { 'zookeeper.snapshot.compression.method': compression },
  };
}

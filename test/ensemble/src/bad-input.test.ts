import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { Ensemble } from './harness/ensemble.ts';
import { until } from './harness/eventually.ts';
import type { Member } from './harness/member.ts';
import { corral, times } from './harness/programs.ts';
import { greeting, introduction, notification, quorumPacket, Stranger } from './harness/stranger.ts';
import { differences } from './harness/trees.ts';
import { Writer } from './harness/writer.ts';

const text = (string: string): Uint8Array => new TextEncoder().encode(string);
const http = text('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
const tlsHello = Uint8Array.fromHex(`16030100c8010000c40303${'5a'.repeat(190)}`);
const noise = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919 + (i >> 3) * 104_729) & 0xff);
const HUGE = 0x7fff_ffff;
const PROTOCOL_V1 = -65_536n;

const toQuorumPorts: readonly (readonly [string, Uint8Array])[] = [
  ['noise', noise],
  ['a request of HTTP', http],
  ['the hello of TLS', tlsHello],
  ['a packet of 2 GiB', quorumPacket(11, 0n, null, HUGE)],
  ['a packet of a negative length', quorumPacket(11, 0n, null, -2)],
  ['an acknowledgement from nobody', quorumPacket(3, 1n << 40n, null)],
  ['a request from nobody', quorumPacket(1, 0n, text('create'))],
  ['a type that is none', quorumPacket(4711, 0n, null)],
  ['an introduction that is cut short', introduction(1n, 0x10000).subarray(0, 30)],
  ['an introduction without an id', quorumPacket(11, 0n, text('12'))],
  ['a server that nobody knows', introduction(99n, 0x10000)],
  ['the id of the leader itself', introduction(3n, 0x10000)],
  ['a protocol of the far past', introduction(99n, 0)],
];

const toElectionPorts: readonly (readonly [string, Uint8Array])[] = [
  ['noise', noise],
  ['a request of HTTP', http],
  ['the hello of TLS', tlsHello],
  ['a greeting of 2 GiB', greeting(PROTOCOL_V1, 3n, '', HUGE)],
  ['a greeting of a negative length', greeting(PROTOCOL_V1, 3n, '', -2)],
  ['a version that is none', greeting(-70_000n, 3n, '127.0.0.1:1')],
  ['an address that is none', greeting(PROTOCOL_V1, 3n, 'no address')],
  ['an id below zero', greeting(PROTOCOL_V1, -7n, '127.0.0.1:1')],
];

describe('strangers at the ports of members', () => {
  test('are shown the door: the leader keeps its quorum and its epoch, and memory does not grow', async () => {
    await using ensemble = await Ensemble.start({
      members: times(3, corral),
      // How long a connection may stay silent.
      config: { initLimit: 6 },
    });
    const leader = await ensemble.leader();
    const writer = new Writer(ensemble, '/w');
    await writer.more(20);
    const memoryBefore = ensemble.members.map(memoryMb);
    const epoch = await epochOf(leader);

    const visits: Promise<void>[] = [];
    for (let round = 0; round < 5; round++) {
      for (const [what, bytes] of toQuorumPorts)
        visits.push(shownTheDoor(leader.place.quorumPort, what, bytes));
      for (const { place } of ensemble.members)
        for (const [what, bytes] of toElectionPorts)
          visits.push(shownTheDoor(place.electionPort, what, bytes));
    }
    await Promise.all(visits);

    await writer.more(20);
    await writer.stop();
    expect(await ensemble.leader()).toBe(leader);
    expect(await epochOf(leader)).toBe(epoch);
    expect(writer.sessionsLost).toBe(0);
    const grown = ensemble.members.map((member, i) => memoryMb(member) - memoryBefore[i]!);
    expect(grown.filter((megabytes) => megabytes > 150)).toEqual([]);
    expect(await differences(ensemble, writer.acknowledged)).toEqual([]);
  });

  test('who are silent, cut short or many do not keep members out', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral), config: { initLimit: 6 } });
    const leader = await ensemble.leader();
    const follower = await ensemble.follower();
    const ports = [leader.place.quorumPort, leader.place.electionPort, follower.place.electionPort];
    const silent = await Promise.all(
      ports.flatMap((port) => Array.from({ length: 100 }, () => Stranger.open(port))),
    );
    const halves = await Promise.all(ports.map((port) => Stranger.open(port)));
    for (const stranger of halves) {
      stranger.send(introduction(2n, 0x10000).subarray(0, 5));
      stranger.end();
    }

    await follower.kill();
    await follower.start();

    await Promise.all(halves.map((stranger) => stranger.closed('half of an introduction')));
    const atQuorumPort = silent.slice(0, 100);
    await Promise.all(atQuorumPort.map((stranger) => stranger.closed('silence')));
    // One of an unknown id may be about to join; there is room for a hundred of those.
    const unknown = await Promise.all(
      Array.from({ length: 150 }, () => Stranger.open(follower.place.electionPort)),
    );
    for (const [i, stranger] of unknown.entries())
      stranger.send(greeting(PROTOCOL_V1, BigInt(100 + i), '127.0.0.1:1'));
    await until(
      'no more than a hundred are left',
      () => unknown.filter(({ isClosed }) => !isClosed).length <= 100,
    );
    expect(await ensemble.leader()).toBe(leader);
    expect(await differences(ensemble)).toEqual([]);
    for (const stranger of [...silent, ...unknown]) stranger.drop();
  });

  test('who speak in the name of a member neither lead nor end an election', async () => {
    await using ensemble = await Ensemble.start({ members: times(3, corral) });
    const leader = await ensemble.leader();
    const writer = new Writer(ensemble, '/w');
    await writer.more(20);

    // Votes of a round at the end of time, for somebody who is nobody, and for one who is not ahead.
    const last = 0x7fff_ffff_ffff_ffffn;
    const strangers: Stranger[] = [];
    for (const { place, sid } of ensemble.members) {
      for (const [leads, round] of [
        [99n, last],
        [1n, last],
        [1n, 1n],
      ] as const) {
        const stranger = await Stranger.open(place.electionPort);
        strangers.push(stranger);
        stranger.send(greeting(PROTOCOL_V1, BigInt(sid === 3 ? 2 : 3), '127.0.0.1:1'));
        stranger.send(notification(leads, last, round, last));
      }
    }
    // A link in the name of a follower takes the place of its own; it comes again.
    const double = await Stranger.open(leader.place.quorumPort);
    double.send(introduction(BigInt((await ensemble.follower()).sid), 0x10000));
    await writer.more(20);
    expect(await ensemble.leader()).toBe(leader);
    double.drop();
    for (const stranger of strangers) stranger.drop();

    await leader.kill();
    await ensemble.leader();
    await writer.more(20);
    await leader.start();
    await writer.stop();

    expect(await differences(ensemble, writer.acknowledged)).toEqual([]);
  });
});

async function shownTheDoor(port: number, what: string, bytes: Uint8Array): Promise<void> {
  const stranger = await Stranger.open(port);
  stranger.send(bytes);
  await stranger.closed(what);
}

/** Of the transactions that it commits. */
async function epochOf(member: Member): Promise<bigint> {
  const client = await Client.open(member);
  const { zxid } = await client.ask({ op: 'sync', path: '/' });
  await client.close();
  return zxid >> 32n;
}

function memoryMb(member: Member): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', `${member.pid}`], { encoding: 'utf8' })) / 1024;
}

import { CreateMode, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create } from '../../test/requests.ts';
import { ascii, TestClient } from '../../test/test-client.ts';

/** What four-letter words show of a member, line by line as Apache 3.9.5 does. */
describe('four-letter words of a member', () => {
  it('conf ends with its limits, ports, kind, and the members', async () => {
    const world = await ensemble();

    expect((await word(world, 1, 'conf')).split('serverId=1\n')[1]).toBe(
      `initLimit=10
syncLimit=5
electionAlg=3
electionPort=3888
quorumPort=2888
peerType=0
membership: 
server.1=s1:2888:3888:participant;0.0.0.0:2181
server.2=s2:2888:3888:participant;0.0.0.0:2181
server.3=s3:2888:3888:participant;0.0.0.0:2181
server.4=s4:2888:3888:observer;0.0.0.0:2181
version=0`,
    );
    expect(await word(world, 4, 'conf')).toContain('peerType=1\n');
  });

  it('mntr names its part, the quorum, and who is up to date with it', async () => {
    const world = await ensemble();

    const shown = async (sid: number) =>
      (await word(world, sid, 'mntr'))
        .split('\n')
        .filter((line) => /peer_state|quorum_size|zk_learners|synced_|observer_master_id/.test(line));

    expect(await shown(3)).toEqual([
      'zk_peer_state\tleading - broadcast',
      'zk_quorum_size\t3',
      'zk_learners\t3',
      'zk_synced_followers\t2',
      'zk_synced_non_voting_followers\t0',
      'zk_synced_observers\t1',
    ]);
    expect(await shown(1)).toEqual(['zk_peer_state\tfollowing - broadcast', 'zk_quorum_size\t3']);
    expect(await shown(4)).toEqual([
      'zk_peer_state\tobserving - broadcast',
      'zk_quorum_size\t3',
      'zk_observer_master_id\t3',
    ]);
  });

  it('mntr of a follower tells of observers where they may come to it', async () => {
    const world = await EnsembleWorld.led(3, {
      size: 3,
      config: { fourLetterWordWhitelist: ['*'] },
      ensemble: { observerMasterPort: 2191 },
    });

    expect(await word(world, 1, 'mntr')).toContain('zk_synced_observers\t0\n');
  });

  it('srvr and mntr of a leader show the sizes of its proposals, until srst', async () => {
    const world = await ensemble();
    expect(await word(world, 3, 'srvr')).toMatch(
      /Node count: 5\nProposal sizes last\/min\/max: -1\/-1\/-1\n$/,
    );
    const client = await world.client(1);
    await world.run(client.request(OpCode.create, create('/a', 'x'.repeat(1000))));
    await world.run(client.request(OpCode.create, create('/b')));

    const [, last, min, max] = /sizes last\/min\/max: (\d+)\/(\d+)\/(\d+)/.exec(
      await word(world, 3, 'srvr'),
    )!;
    expect(Number(max)).toBeGreaterThan(1000);
    expect(Number(min)).toBeLessThan(Number(last));
    expect(await word(world, 3, 'mntr')).toContain(
      `zk_last_proposal_size\t${last}\nzk_max_proposal_size\t${max}\nzk_min_proposal_size\t${min}\n`,
    );
    await word(world, 3, 'srst');
    expect(await word(world, 3, 'srvr')).toContain('max: -1/-1/-1\n');
    expect(await word(world, 1, 'srvr')).not.toContain('Proposal');
  });

  it('dump shows when sessions expire where that is known, and else their timeouts', async () => {
    const world = await ensemble();
    const client = await world.client(1);
    const id = client.session!.sessionId.toString(16);

    const at = (sid: number) => sessionsIn(world, sid);

    expect(await at(3)).toMatch(new RegExp(`^Session Sets \\(1\\)/\\(1\\):\n1 expire at .*:\n\t0x${id}\n$`));
    expect(await at(1)).toBe(`Global Sessions(1):\n0x${id}\t4000ms\n`);
  });

  it('dump shows local sessions apart', async () => {
    const world = await ensemble({ localSessionsEnabled: true, localSessionsUpgradingEnabled: true });
    const local = await world.client(1);
    const global = await world.client(3);
    await world.run(global.request(OpCode.create, create('/e', '', CreateMode.EPHEMERAL)));
    await world.pass(100);
    const [localId, globalId] = [local, global].map(({ session }) => session!.sessionId.toString(16));

    expect(await sessionsIn(world, 1)).toMatch(
      new RegExp(
        `^Local Session Sets \\(1\\)/\\(1\\):\n1 expire at .*:\n\t0x${localId}\nGlobal Sessions\\(1\\):\n0x${globalId}\t4000ms\n$`,
      ),
    );
    expect(await sessionsIn(world, 3)).toMatch(
      new RegExp(
        `^Local Session Sets \\(0\\)/\\(0\\):\nGlobal Session Sets \\(1\\)/\\(1\\):\n1 expire at .*:\n\t0x${globalId}\n$`,
      ),
    );
  });
});

function ensemble(
  config: { localSessionsEnabled?: boolean; localSessionsUpgradingEnabled?: boolean } = {},
): Promise<EnsembleWorld> {
  return EnsembleWorld.led(3, {
    size: 4,
    observers: [4],
    ensemble: config,
    config: { fourLetterWordWhitelist: ['*'] },
  });
}

async function sessionsIn(world: EnsembleWorld, sid: number): Promise<string> {
  const dump = await word(world, sid, 'dump');
  return dump.slice('SessionTracker dump:\n'.length, dump.indexOf('ephemeral nodes dump:'));
}

async function word(world: EnsembleWorld, sid: number, name: string): Promise<string> {
  const from = world.network.transport('operator');
  const client = await world.run(TestClient.dial(from, 2181, { host: `s${sid}`, framed: false }));
  client.sendRaw(ascii(name));
  await world.run(client.closed());
  return client.text;
}

import { JuteWriter } from '@corral/jute';
import { ServerState, writeInitialMessage, writeNotification } from '@corral/protocol';
import type { Cluster } from '@corral/testing';
import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-3769: a notification that was cut short ended the thread that receives them, for ever',
  async (newCluster) => {
    // given: 1 and 2 are up; somebody comes as 3
    const cluster = newCluster();
    cluster.start(1, 2);
    expect(await cluster.leaderOf(1, 2)).toBe(2);

    // when: it sends notifications of every length from 0 to 100, whole or not, and such as are noise
    for (let length = 0; length <= 100; length++) {
      await sendNotification(cluster, NOTIFICATION.subarray(0, length), length);
      await sendNotification(cluster, new Uint8Array(length).fill(length), length);
    }
    await cluster.pass(1000);

    // then: elections go on: the real 3 finds its leader, and another one when that is gone
    cluster.start(3);
    await cluster.serves(3);
    await cluster.stop(2);
    expect(await cluster.leaderOf(1, 3)).toBe(3);
    await cluster.ends();
  },
);

/** On a connection of its own, behind what a server says first. */
async function sendNotification(cluster: Cluster, payload: Uint8Array, claimed: number): Promise<void> {
  const frame = bytesOf((w) => {
    writeInitialMessage(w, { sid: 3, addresses: [{ host: 's3', port: 3888 }] }, false);
    w.writeInt(claimed);
    w.writeRaw(payload);
  });
  const dialled = cluster.world.network
    .transport('s3')
    .connect({ host: 's1', port: 3888, timeoutMs: 1000 }, (connection) => {
      connection.write(frame);
      return { onData: () => {}, onDrain: () => {}, onClose: () => {} };
    });
  const connection = await cluster.run(dialled, 'a connection for elections');
  await cluster.pass(10);
  connection.destroy();
}

function bytesOf(write: (w: JuteWriter) => void): Uint8Array {
  const w = new JuteWriter();
  write(w);
  return w.copy();
}

/** 44 bytes and a configuration. */
const NOTIFICATION = bytesOf((w) =>
  writeNotification(w, {
    state: ServerState.LOOKING,
    leader: 3,
    zxid: 0,
    electionEpoch: 1,
    peerEpoch: 0,
    version: 2,
    config: '# a configuration that ends somewhere\n'.repeat(2),
  }),
);

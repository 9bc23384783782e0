import { describe, expect, it } from 'vitest';
import { Cluster } from '../cluster/cluster.ts';

describe('what a simulated client was heard of for certain', () => {
  it('is its handshake and each request that was answered, while the connection stands', async () => {
    const cluster = await Cluster.serving();
    const client = await cluster.client(1);
    const { answeredRequestsAt } = client.simulated;
    const before = answeredRequestsAt.length;

    await client.create('/a');
    await client.exists('/a');

    expect(answeredRequestsAt.length).toBe(before + 2);
    await cluster.ends();
  });

  /**
   * A follower answers reads by itself. Where its connection to the leader breaks with the client's, the leader may
   * never have heard of them, and ends the session in its own good time.
   */
  it('is the handshake alone, once the connection is lost', async () => {
    const cluster = await Cluster.serving();
    const client = await cluster.client(1);
    const { simulated } = client;
    const handshakeAt = simulated.answeredRequestsAt[0];
    await cluster.pass(1000);
    await client.exists('/a');
    expect(simulated.answeredRequestsAt.at(-1)).toBeGreaterThan(handshakeAt! + 999);

    simulated.fallSilent(500, true);

    expect(simulated.answeredRequestsAt).toEqual([handshakeAt]);
    await cluster.ends();
  });
});

import { auth } from '@corral-test/oracle';
import { describe, expect, test } from 'vitest';
import { Client, ConnectionLoss } from './harness/client.ts';
import { Ensemble } from './harness/ensemble.ts';
import type { Member } from './harness/member.ts';
import { corral, times } from './harness/programs.ts';
import { differences } from './harness/trees.ts';
import { Writer } from './harness/writer.ts';

describe('a reconfiguration under load', () => {
  test('takes members out and in, the leader among them: no acknowledged write is lost', async () => {
    await using ensemble = await Ensemble.start({
      members: times(3, corral),
      // Who was taken out hears with somebody's next notification that it is back.
      config: { reconfigEnabled: 'true', 'fastleader.maxNotificationInterval': 500 },
    });
    const writers = [1, 2, 3].map((n) => new Writer(ensemble, `/w${n}`));
    await Promise.all(writers.map((writer) => writer.more(20)));

    for (const whom of ['follower', 'leader'] as const) {
      const out = await ensemble[whom]();
      const others = ensemble.members.filter((member) => member !== out);
      expect(await reconfigure(others[0]!, { leaving: String(out.sid) })).toBe(0);
      await Promise.all(writers.map((writer) => writer.more(20)));
      expect(await reconfigure(others[1]!, { joining: lineOf(out) })).toBe(0);
      await ensemble.serving();
      await Promise.all(writers.map((writer) => writer.more(20)));
    }
    await Promise.all(writers.map((writer) => writer.stop()));

    const acknowledged = writers.flatMap((writer) => writer.acknowledged);
    expect(await differences(ensemble, acknowledged)).toEqual([]);
  });
});

/** Again where the answer was lost with a connection: to say it twice changes nothing more. */
async function reconfigure(
  through: Member,
  { joining = null, leaving = null }: { joining?: string | null; leaving?: string | null },
): Promise<number> {
  for (;;) {
    const client = await Client.open(through);
    try {
      await client.ask(auth('super:test'));
      return (await client.ask({ op: 'reconfig', joining, leaving, members: null, version: -1 })).err;
    } catch (error) {
      if (!(error instanceof ConnectionLoss)) throw error;
    } finally {
      await client.drop();
    }
  }
}

function lineOf({ place: { sid, quorumHost, quorumPort, electionPort, clientPort } }: Member): string {
  return `server.${sid}=${quorumHost}:${quorumPort}:${electionPort}:participant;127.0.0.1:${clientPort}`;
}

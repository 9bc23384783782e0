import { QuorumPacket, QuorumPacketType, zxidOf } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { LearnerScenario } from '../test/learner-scenario.ts';
import { packetOf } from '../test/packet-text.ts';
import { txnEntry } from '../test/txn-text.ts';
import { Learner } from './learner.ts';

const DISCOVERING = ['follower accepted=1 current=1 logged=1:5', 'connected'];
const CHOOSING = [...DISCOVERING, 'LEADERINFO 2:0', 'epochStored accepted 2'];
const SYNCHRONISING = [...CHOOSING, 'DIFF 1:5'];
const ACKNOWLEDGED = [...SYNCHRONISING, 'NEWLEADER 2:0', 'epochStored current 2'];
const BROADCAST = [...ACKNOWLEDGED, 'UPTODATE'];
const OBSERVING = BROADCAST.with(0, 'observer accepted=1 current=1 logged=1:5');

const ANY: Record<string, string> = {
  REQUEST: 'REQUEST',
  PROPOSAL: 'PROPOSAL 2:1 "x"',
  ACK: 'ACK 2:1',
  COMMIT: 'COMMIT 2:1',
  PING: 'PING 2:0',
  REVALIDATE: 'REVALIDATE',
  SYNC: 'SYNC 0:0',
  INFORM: 'INFORM 2:1 "x"',
  COMMITANDACTIVATE: 'COMMITANDACTIVATE 2:1 leader=1',
  NEWLEADER: 'NEWLEADER 2:0',
  FOLLOWERINFO: 'FOLLOWERINFO 2:0',
  UPTODATE: 'UPTODATE',
  DIFF: 'DIFF 1:5',
  TRUNC: 'TRUNC 1:5',
  SNAP: 'SNAP 1:5',
  OBSERVERINFO: 'OBSERVERINFO 2:0',
  LEADERINFO: 'LEADERINFO 2:0',
  ACKEPOCH: 'ACKEPOCH 2:0',
  INFORMANDACTIVATE: 'INFORMANDACTIVATE 2:1 leader=1 "config x"',
  'a type nobody knows': 'type=77 2:1',
  'a negative type': 'type=-1 2:1',
};

describe('a learner takes each packet in its phase', () => {
  it.each([
    ['discovering', DISCOVERING, ['LEADERINFO']],
    ['waiting for the choice of DIFF, TRUNC or SNAP', CHOOSING, ['DIFF', 'TRUNC', 'SNAP']],
    ['synchronising', SYNCHRONISING, ['PROPOSAL', 'PING', 'NEWLEADER']],
    ['between its ACK and UPTODATE', ACKNOWLEDGED, ['PROPOSAL', 'PING', 'UPTODATE']],
    ['following', BROADCAST, ['PROPOSAL', 'PING', 'REVALIDATE', 'SYNC']],
    ['observing', OBSERVING, ['PING', 'REVALIDATE', 'SYNC', 'INFORM', 'INFORMANDACTIVATE']],
  ])('%s', (_, commands, taken) => {
    const refused = Object.entries(ANY).filter(([, packet]) => isLeave(play([...commands, packet])));

    expect(refused.map(([name]) => name)).toEqual(Object.keys(ANY).filter((name) => !taken.includes(name)));
  });

  it('knows every type there is', () => {
    expect(Object.keys(ANY)).toEqual(expect.arrayContaining(Object.keys(QuorumPacketType)));
  });
});

describe('a learner leaves, and does nothing else, at', () => {
  it.each([
    ['LEADERINFO with a counter', DISCOVERING, 'LEADERINFO 2:1'],
    ['LEADERINFO of a negative epoch', DISCOVERING, 'LEADERINFO'],
    ['NEWLEADER of another epoch', SYNCHRONISING, 'NEWLEADER 3:0'],
    ['NEWLEADER with a counter', SYNCHRONISING, 'NEWLEADER 2:1'],
    ['SNAP of a later epoch than the leader has', CHOOSING, 'SNAP 3:1'],
    ['SNAP at a negative zxid', CHOOSING, 'SNAP'],
    ['a second SNAP', [...CHOOSING, 'SNAP 1:5', 'snapshotReceived'], 'SNAP 1:5'],
    ['a proposal without a transaction', SYNCHRONISING, 'PROPOSAL 1:6'],
    ['a proposal that cannot be read', SYNCHRONISING, 'PROPOSAL 1:6 "!garbage"'],
    ['a proposal whose transaction has another zxid', SYNCHRONISING, 'PROPOSAL 1:6 "1:7 says x"'],
    ['a proposal at a negative zxid', SYNCHRONISING, 'PROPOSAL "x"'],
    ['a proposal of a later epoch than the leader has', SYNCHRONISING, 'PROPOSAL 3:1 "x"'],
    ['a proposal that the log holds already', SYNCHRONISING, 'PROPOSAL 1:5 "x"'],
    ['a proposal of an older epoch, once live', ACKNOWLEDGED, 'PROPOSAL 1:6 "x"'],
    ['a transaction in place of the error, at counter 0', BROADCAST, 'PROPOSAL 2:0 "x"'],
    ['a COMMIT of nothing', BROADCAST, 'COMMIT 2:1'],
    [
      'an activation without a leader',
      [...BROADCAST, 'PROPOSAL 2:1 "config x"'],
      'COMMITANDACTIVATE 2:1 leader=-9007199254740993',
    ],
    ['an INFORM that cannot be read', OBSERVING, 'INFORM 2:1 "!garbage"'],
    ['an INFORM with a gap before it', OBSERVING, 'INFORM 2:2 "x"'],
  ])('%s', (_, commands, packet) => {
    const lines = play([...commands, packet]);

    expect(lines).toEqual([expect.stringMatching(/^leave(, torn tree)?: /)]);
  });
});

describe('a learner', () => {
  it('gathers nothing of a DIFF of 100,000 transactions', () => {
    const learner = synchronising();
    let outputs = 0;

    for (let counter = 6; counter < 100_006; counter++) {
      const zxid = zxidOf(1, counter);
      const proposal = new QuorumPacket(QuorumPacketType.PROPOSAL, zxid, txnEntry(zxid, 'x'), null);
      learner.step({ kind: 'packet', packet: proposal });
      outputs += learner.step({ kind: 'packet', packet: packetOf(`COMMIT 1:${counter}`) }).length;
    }

    expect(outputs).toBe(200_000); // append and commit, each at once
  });

  it('ignores whatever is handed in behind its leave', () => {
    const learner = synchronising();
    learner.step({ kind: 'disconnected' });

    const outputs = [
      ...learner.step({ kind: 'durable', zxid: zxidOf(1, 6) }),
      ...learner.step({ kind: 'disconnected' }),
      ...learner.step({ kind: 'snapshotReceived' }),
    ];

    expect(outputs).toEqual([]);
  });
});

/** What the last of the commands made happen. */
function play(commands: readonly string[]): readonly string[] {
  const scenario = new LearnerScenario();
  let lines: readonly string[] = [];
  for (const command of commands) lines = scenario.run(command);
  return lines;
}

function isLeave(lines: readonly string[]): boolean {
  return lines.length === 1 && lines[0]!.startsWith('leave');
}

function synchronising(): Learner {
  const learner = new Learner({
    sid: 1,
    isObserver: false,
    syncEnabled: true,
    acceptedEpoch: 2,
    currentEpoch: 1,
    lastLoggedZxid: zxidOf(1, 5),
    configVersion: 0,
    reconfigEnabled: false,
    tickMs: 1000,
    initLimitMs: 10_000,
    syncLimitMs: 5000,
  });
  learner.step({ kind: 'connected' });
  for (const packet of ['LEADERINFO 2:0', 'DIFF 1:5'])
    learner.step({ kind: 'packet', packet: packetOf(packet) });
  return learner;
}

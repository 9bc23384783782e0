import { JuteError, JuteWriter } from '@corral/jute';
import {
  InitialMessageReader,
  LearnerInfo,
  ProtocolError,
  QuorumConfig,
  QuorumConfigError,
  QuorumPacket,
  QuorumPacketSplitter,
  QuorumPacketType,
  readNotification,
  type Zxid,
  writeInitialMessage,
  writeNotification,
  zxidOf,
} from '@corral/protocol';
import { CommittedLog, Leader, type LeaderInput, Learner, type LearnerInput } from '@corral/zab';
import { joined } from '../damage.ts';
import type { Dice } from '../dice.ts';
import { pieces } from '../input.ts';
import { encoded } from '../records.ts';
import { type Target, TWO_FRAMES } from '../target.ts';
import { entry } from './transactions.ts';

export const initialMessages: Target = {
  name: 'election-initial-messages',
  valid(dice) {
    const w = new JuteWriter();
    const addresses = Array.from({ length: dice.length(4) }, () => ({
      host: dice.pick(['127.0.0.1', 'host', '::1', '0.0.0.0', 'x'.repeat(dice.length(300))]),
      port: dice.below(70_000),
    }));
    writeInitialMessage(w, { sid: dice.once(5) ? undefined : dice.below(300), addresses }, dice.once(2));
    return joined(w.bytes(), dice.bytes(dice.length(20)));
  },
  read(bytes, dice) {
    const reader = new InitialMessageReader();
    for (const piece of pieces(bytes, dice)) {
      if (reader.push(piece) === undefined) continue;
      reader.rest();
      return;
    }
  },
  refusals: [JuteError, ProtocolError],
  memoryMax: TWO_FRAMES,
  weight: 100,
};

export const notifications: Target = {
  name: 'election-notifications',
  valid(dice) {
    const w = new JuteWriter();
    writeNotification(w, {
      state: dice.pick([0, 1, 2, 3]),
      leader: dice.below(10),
      zxid: dice.below(1 << 30),
      electionEpoch: dice.below(100),
      peerEpoch: dice.below(100),
      version: dice.pick([0, 1, 2]),
      config: dice.once(2) ? undefined : configText(dice),
    });
    return w.copy();
  },
  read(bytes) {
    const { config } = readNotification(bytes);
    if (config !== undefined && config !== '') QuorumConfig.parse(config);
  },
  refusals: [JuteError, ProtocolError, QuorumConfigError],
  memoryMax: TWO_FRAMES,
  weight: 200,
};

export const quorumPackets: Target = {
  name: 'quorum-packets',
  valid: conversation,
  read(bytes, dice) {
    const whole = packetsOf([bytes]);
    const cut = packetsOf(pieces(bytes, dice));
    if (whole !== cut) throw new Error('other packets where the bytes came in pieces');
  },
  refusals: [],
  memoryMax: 2 * TWO_FRAMES,
  weight: 200,
};

/** A learner, told nonsense by whom it takes for its leader: it leaves, or nothing happens. */
export const learner: Target = {
  name: 'learner',
  valid: conversation,
  read(bytes, dice) {
    const core = new Learner({
      sid: 2,
      isObserver: dice.once(3),
      syncEnabled: dice.once(2),
      acceptedEpoch: 1,
      currentEpoch: 1,
      lastLoggedZxid: zxidOf(1, 5),
      configVersion: 0,
      reconfigEnabled: dice.once(2),
      tickMs: 1000,
      initLimitMs: 5000,
      syncLimitMs: 5000,
    });
    const waiting: LearnerInput[] = [{ kind: 'connected' }];
    const splitter = new QuorumPacketSplitter();
    let now = 0;
    const settle = (): void => {
      for (let input = waiting.shift(); input !== undefined; input = waiting.shift())
        for (const output of core.step(input)) answerLearner(output, waiting, dice);
    };
    for (const piece of pieces(bytes, dice)) {
      splitter.push(piece);
      for (let packet = splitter.next(); packet !== undefined; packet = splitter.next()) {
        settle();
        if (!core.wantsPackets) return;
        waiting.push({ kind: 'packet', packet });
        settle();
      }
      waiting.push({ kind: 'tick', now: (now += dice.below(300)) });
      settle();
    }
    waiting.push({ kind: 'disconnected' });
    settle();
  },
  refusals: [JuteError],
  memoryMax: 2 * TWO_FRAMES,
  weight: 100,
};

/** A leader, told nonsense by those who claim to follow it: it closes their links. */
export const leader: Target = {
  name: 'leader',
  valid: learnersSide,
  read(bytes, dice) {
    const config = QuorumConfig.parse(MEMBERS);
    const committedLog = new CommittedLog();
    for (let counter = 1; counter <= 5; counter++)
      committedLog.add(zxidOf(1, counter), entry(zxidOf(1, counter)));
    const core = new Leader({
      sid: 1,
      config,
      withVersion: () => config,
      acceptedEpoch: 1,
      currentEpoch: 1,
      lastZxid: zxidOf(1, 5),
      committedLog,
      tickMs: 1000,
      initLimit: 5,
      syncLimit: 5,
      linearizableSync: dice.once(2),
    });
    const waiting: LeaderInput[] = [{ kind: 'tick', now: 0 }];
    let proposed = 0;
    let now = 0;
    const settle = (): boolean => {
      for (let input = waiting.shift(); input !== undefined; input = waiting.shift())
        for (const output of core.step(input)) {
          if (output.kind === 'storeEpoch')
            waiting.push({ kind: 'epochStored', which: output.which, epoch: output.epoch });
          else if (output.kind === 'locateLog')
            waiting.push({
              kind: 'logLocated',
              link: output.link,
              extent: dice.once(2) ? undefined : { base: zxidOf(1, 1), last: zxidOf(1, 5) },
            });
          else if (output.kind === 'established') {
            const zxid = (output.zxid + ++proposed) as Zxid;
            waiting.push({ kind: 'propose', zxid, entry: entry(zxid) }, { kind: 'durable', zxid });
          } else if (output.kind === 'stepDown') return false;
        }
      return true;
    };
    const splitter = new QuorumPacketSplitter();
    splitter.push(bytes);
    for (let packet = splitter.next(); packet !== undefined; packet = splitter.next()) {
      waiting.push({ kind: 'packet', link: 1 + dice.below(3), packet });
      if (dice.once(8)) waiting.push({ kind: 'tick', now: (now += dice.below(400)) });
      if (dice.once(20)) waiting.push({ kind: 'disconnected', link: 1 + dice.below(3) });
      if (!settle()) return;
    }
  },
  refusals: [JuteError],
  memoryMax: 2 * TWO_FRAMES,
  weight: 100,
};

export const configs: Target = {
  name: 'quorum-configs',
  valid: (dice) => new TextEncoder().encode(configText(dice)),
  read(bytes) {
    const text = new TextDecoder().decode(bytes);
    const config = QuorumConfig.parse(text);
    if (!config.equals(QuorumConfig.parse(config.toString())))
      throw new Error('it is another when written and read');
  },
  refusals: [QuorumConfigError],
  memoryMax: TWO_FRAMES,
  weight: 100,
};

function packetsOf(chunks: Iterable<Uint8Array>): string {
  const splitter = new QuorumPacketSplitter({ valueMax: 4096 });
  const found: string[] = [];
  try {
    for (const chunk of chunks) {
      splitter.push(chunk);
      for (let packet = splitter.next(); packet !== undefined; packet = splitter.next())
        found.push(`${packet.type} ${packet.zxid} ${packet.data?.join()} ${packet.authinfo?.length}`);
    }
    found.push(`${splitter.pending} left`);
  } catch (error) {
    if (!(error instanceof JuteError)) throw error;
    found.push(error.code);
  }
  return found.join('\n');
}

function answerLearner(
  output: ReturnType<Learner['step']>[number],
  waiting: LearnerInput[],
  dice: Dice,
): void {
  switch (output.kind) {
    case 'storeEpoch':
      waiting.push({ kind: 'epochStored', which: output.which, epoch: output.epoch });
      break;
    case 'receiveSnapshot':
      waiting.push({ kind: 'progress' }, { kind: 'snapshotReceived' });
      break;
    case 'truncate':
      waiting.push(
        dice.once(4) ? { kind: 'truncateFailed', reason: 'no such entry' } : { kind: 'truncated' },
      );
      break;
    case 'takeSnapshot':
      waiting.push({ kind: 'snapshotTaken' });
      break;
    case 'append':
      waiting.push({ kind: 'durable', zxid: output.zxid });
      break;
    default:
  }
}

/** What a leader says, from LEADERINFO on. */
function conversation(dice: Dice): Uint8Array {
  const T = QuorumPacketType;
  const epoch = 2;
  const packets = [bytesOf(T.LEADERINFO, zxidOf(epoch, 0), int(0x1_0000))];
  let counter = 0;
  const sync = dice.pick([T.DIFF, T.DIFF, T.TRUNC, T.SNAP]);
  packets.push(bytesOf(sync, zxidOf(1, dice.pick([5, 5, 3])), null));
  const transactions = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const zxid = zxidOf(epoch, ++counter);
      packets.push(bytesOf(T.PROPOSAL, zxid, entry(zxid)));
      if (!dice.once(4))
        packets.push(bytesOf(dice.once(6) ? T.INFORM : T.COMMIT, zxid, dice.once(6) ? entry(zxid) : null));
    }
  };
  if (dice.once(2)) transactions(dice.length(4));
  packets.push(
    bytesOf(T.NEWLEADER, zxidOf(epoch, 0), dice.once(2) ? null : new TextEncoder().encode(configText(dice))),
  );
  packets.push(bytesOf(T.UPTODATE, -1, null));
  transactions(dice.length(6));
  packets.push(
    bytesOf(T.PING, zxidOf(epoch, counter), null),
    bytesOf(T.SYNC, 1, dice.bytes(8)),
    bytesOf(T.REVALIDATE, 1, dice.bytes(9)),
    bytesOf(dice.below(25), dice.below(1 << 30), dice.bytes(dice.length(40))),
  );
  return joined(...packets);
}

/** What learners say, on whichever link. */
function learnersSide(dice: Dice): Uint8Array {
  const T = QuorumPacketType;
  const packets: Uint8Array[] = [];
  for (const sid of [2, 3])
    packets.push(
      bytesOf(
        dice.once(6) ? T.OBSERVERINFO : T.FOLLOWERINFO,
        zxidOf(1, 0),
        encoded(new LearnerInfo(sid, 0x1_0000, 0)),
      ),
    );
  for (let i = 0; i < 3; i++) packets.push(bytesOf(T.ACKEPOCH, zxidOf(1, dice.pick([5, 3, 0])), int(1)));
  for (let i = 0; i < 6; i++) packets.push(bytesOf(T.ACK, zxidOf(2, dice.below(4)), null));
  for (let i = dice.length(5); i > 0; i--)
    packets.push(
      bytesOf(
        dice.pick([T.PING, T.REQUEST, T.REVALIDATE, T.SYNC, dice.below(25)]),
        zxidOf(2, 0),
        dice.bytes(dice.length(30)),
      ),
    );
  return joined(...packets);
}

function bytesOf(type: number, zxid: number, data: Uint8Array | null): Uint8Array {
  return encoded(new QuorumPacket(type, zxid, data, null));
}

function int(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

function configText(dice: Dice): string {
  const lines: string[] = [];
  for (let sid = 1; sid <= 1 + dice.length(6); sid++) {
    const role = dice.pick(['', ':participant', ':observer', ':x']);
    const host = dice.pick(['localhost', '127.0.0.1', '[::1]', 'a|b', '']);
    const client = dice.pick(['', ';2181', ';127.0.0.1:2181', ';[::]:2181', ';']);
    lines.push(
      `server.${dice.once(9) ? dice.int() : sid}=${host}:${2888 + sid}:${3888 + sid}${role}${client}`,
    );
  }
  if (dice.once(3))
    lines.push('group.1=1:2', 'group.2=3', `weight.${dice.below(4)}=${dice.pick([0, 1, dice.int()])}`);
  if (dice.once(2)) lines.push(`version=${dice.pick(['0', '100000000', 'ffffffffffffffff', 'x'])}`);
  if (dice.once(8)) lines.push('a = b\\', '  c', '#comment', '!x', 'k\\u0041=\\u00', 'oracle.1=/tmp/x');
  return lines.join(dice.pick(['\n', '\n', '\r\n', '\r']));
}

const MEMBERS = 'server.1=a:1:2;3\nserver.2=b:1:2;3\nserver.3=c:1:2;3';

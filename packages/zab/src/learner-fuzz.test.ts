import { counterOf, epochOf, QuorumPacket, QuorumPacketType, type Zxid, zxidOf } from '@corral/protocol';
import { expect, it } from 'vitest';
import { outputText } from '../test/learner-scenario.ts';
import { txnEntry } from '../test/txn-text.ts';
import { Learner } from './learner.ts';
import type { LearnerInput, LearnerOutput } from './learner-step.ts';

/**
 * A leader that is mad, or hostile: mostly what could come next, often something else. Whatever it sends, the learner
 * does not throw, logs one history without a gap, and promises only what is durable; and it leaves once.
 */
it.each([
  ['a follower', false],
  ['an observer', true],
])('%s keeps its word whatever the leader sends', (_, isObserver) => {
  let served = 0;
  for (let seed = 1; seed <= 1500; seed++) {
    const run = new MadRun(seed, isObserver);
    for (let step = 0; step < 80 && !run.hasLeft; step++) run.advance();
    served += run.hasServed ? 1 : 0;
  }

  expect(served).toBeGreaterThan(500); // it was not mad all the time
});

class MadRun {
  readonly #learner: Learner;
  readonly #random: () => number;
  readonly #seed: number;
  readonly #isObserver: boolean;
  /** What the host owes an answer for. */
  #answer: LearnerInput | undefined = { kind: 'connected' };
  #proposed: Zxid = zxidOf(1, 5);
  #committed: Zxid = zxidOf(1, 5);
  #appended: Zxid = zxidOf(1, 5);
  #durable: Zxid = zxidOf(1, 5);
  #sent = 0;
  hasServed = false;
  hasLeft = false;

  constructor(seed: number, isObserver: boolean) {
    this.#seed = seed;
    this.#isObserver = isObserver;
    this.#random = mulberry(seed);
    this.#learner = new Learner({
      sid: 1,
      isObserver,
      syncEnabled: true,
      acceptedEpoch: 1,
      currentEpoch: 1,
      lastLoggedZxid: zxidOf(1, 5),
      configVersion: 0,
      reconfigEnabled: true,
      tickMs: 1000,
      initLimitMs: 10_000,
      syncLimitMs: 5000,
    });
  }

  advance(): void {
    if (this.#appended > this.#durable && this.#random() < 0.5) {
      this.#durable = this.#appended;
      this.#step({ kind: 'durable', zxid: this.#durable });
    } else if (this.#answer !== undefined) {
      const answer = this.#answer;
      this.#answer = undefined;
      this.#step(answer);
    } else if (this.#learner.wantsPackets) this.#step({ kind: 'packet', packet: this.#packet() });
    else {
      this.#durable = this.#appended;
      this.#step({ kind: 'durable', zxid: this.#durable });
    }
  }

  #step(input: LearnerInput): void {
    for (const output of this.#learner.step(input)) this.#check(output);
  }

  #check(output: LearnerOutput): void {
    const says = (): string => `seed ${this.#seed}: ${outputText(output)}`;
    assertThat(!this.hasLeft, says);
    switch (output.kind) {
      case 'append':
        assertThat(isNext(output.zxid, this.#appended), says);
        this.#appended = output.zxid;
        break;
      case 'commit':
        assertThat(output.zxid >= this.#committed, says);
        this.#committed = output.zxid;
        break;
      case 'truncate':
      case 'receiveSnapshot':
        this.#appended = this.#durable = this.#committed = this.#proposed = output.zxid;
        this.#answer = { kind: output.kind === 'truncate' ? 'truncated' : 'snapshotReceived' };
        break;
      case 'takeSnapshot':
        this.#appended = this.#durable = output.zxid;
        this.#answer = { kind: 'snapshotTaken' };
        break;
      case 'storeEpoch':
        assertThat(output.which === 'accepted' || this.#durable === this.#appended, says);
        this.#answer = { kind: 'epochStored', which: output.which, epoch: output.epoch };
        break;
      case 'send':
        this.#checkSent(output.packet, says);
        break;
      case 'serve':
        assertThat(!this.hasServed && this.#sent === 4, says); // introduction, ACKEPOCH, two ACKs
        this.hasServed = true;
        break;
      case 'leave':
        this.hasLeft = true;
        break;
      default:
    }
  }

  #checkSent({ type, zxid }: QuorumPacket, says: () => string): void {
    this.#sent += 1;
    if (type !== QuorumPacketType.ACK) return;
    const isOfTransaction = counterOf(zxid as Zxid) !== 0;
    if (isOfTransaction) assertThat(this.hasServed && !this.#isObserver && zxid <= this.#durable, says);
    else assertThat(this.#sent === 3 || this.#sent === 4, says);
  }

  /** What could come next, if the learner's own phase is guessed from what it has sent; or anything. */
  #packet(): QuorumPacket {
    const pick = this.#random();
    if (pick < 0.03) return this.#anything();
    if (this.#sent === 1) return packet(QuorumPacketType.LEADERINFO, zxidOf(2, 0), Uint8Array.of(0, 1, 0, 0));
    if (this.#sent === 2 && this.#answer === undefined && this.#isUnsynchronised) return this.#choice();
    if (this.#sent === 2 && pick < 0.25) return packet(QuorumPacketType.NEWLEADER, zxidOf(2, 0), null);
    if (this.#sent === 3 && pick < 0.4) return packet(QuorumPacketType.UPTODATE, -1, null);
    if (this.#isObserver && this.#sent > 2) return this.#proposal(QuorumPacketType.INFORM);
    if (pick < 0.6 || this.#proposed === this.#committed) return this.#proposal(QuorumPacketType.PROPOSAL);
    const next = this.#committed < zxidOf(2, 0) && this.#proposed >= zxidOf(2, 1) && !this.#hasOld ? 1 : 0;
    const zxid = next === 1 ? zxidOf(2, 1) : ((this.#committed + 1) as Zxid);
    return packet(QuorumPacketType.COMMIT, zxid, null);
  }

  #isUnsynchronised = true;
  /** A proposal of epoch 1 is yet to be committed. */
  get #hasOld(): boolean {
    return this.#committed < this.#lastOld;
  }
  #lastOld: Zxid = zxidOf(1, 5);

  #choice(): QuorumPacket {
    this.#isUnsynchronised = false;
    const pick = this.#random();
    const [type, to] =
      pick < 0.6
        ? ([QuorumPacketType.DIFF, zxidOf(1, 5)] as const)
        : ([pick < 0.8 ? QuorumPacketType.TRUNC : QuorumPacketType.SNAP, zxidOf(1, 3)] as const);
    this.#lastOld = to;
    return packet(type, to, null);
  }

  #proposal(type: number): QuorumPacket {
    const isNewEpoch = epochOf(this.#proposed) === 2 || this.#sent > 2 || this.#random() < 0.3;
    const zxid = isNewEpoch && epochOf(this.#proposed) === 1 ? zxidOf(2, 1) : ((this.#proposed + 1) as Zxid);
    if (epochOf(zxid) === 1) this.#lastOld = zxid;
    if (this.#random() < 0.05) return packet(type, this.#proposed, txnEntry(this.#proposed, 'error'));
    this.#proposed = zxid;
    return packet(type, zxid, txnEntry(zxid, this.#random() < 0.1 ? 'config x' : 'x'));
  }

  #anything(): QuorumPacket {
    const zxids = [
      -1,
      0,
      zxidOf(1, 4),
      zxidOf(1, 6),
      zxidOf(2, 0),
      zxidOf(2, 1),
      zxidOf(3, 1),
      2 ** 53,
      Number.NaN,
    ];
    const data = [
      null,
      new Uint8Array(),
      Uint8Array.of(1),
      txnEntry(zxidOf(2, 1), 'x'),
      new Uint8Array(40).fill(255),
    ];
    return packet(Math.floor(this.#random() * 22), this.#oneOf(zxids), this.#oneOf(data));
  }

  #oneOf<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)]!;
  }
}

function packet(type: number, zxid: number, data: Uint8Array | null): QuorumPacket {
  return new QuorumPacket(type, zxid, data, null);
}

function isNext(zxid: Zxid, previous: Zxid): boolean {
  return zxid === previous + 1 || (epochOf(zxid) > epochOf(previous) && counterOf(zxid) === 1);
}

function assertThat(holds: boolean, says: () => string): void {
  if (!holds) throw new Error(says());
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

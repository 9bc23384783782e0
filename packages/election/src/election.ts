import { NO_VOTE, type Notification, type QuorumVerifier, ServerState } from '@corral/protocol';
import { versionOfConfig } from './config-version.ts';
import type { ElectionInput, ElectionOutput } from './election-step.ts';
import { Electorate } from './electorate.ts';
import { Looking, type Patience } from './looking.ts';
import { notificationOf, Outbox } from './outbox.ts';
import { isRound, nextRound } from './round.ts';
import { Strangers } from './strangers.ts';
import type { Vote } from './vote.ts';

export interface ElectionOptions {
  /** This server's id. */
  readonly sid: number;
  readonly config: QuorumVerifier;
  readonly lastSeen?: QuorumVerifier | undefined;
  /** Whether newer configurations of others are adopted (`reconfigEnabled`). @defaultValue false */
  readonly isReconfigEnabled?: boolean;
  /** How long a quorum waits for something better to turn up. @defaultValue 200 */
  readonly finalizeWaitMs?: number;
  /** The first wait for an answer (`fastleader.minNotificationInterval`). @defaultValue 200 */
  readonly minNotificationIntervalMs?: number;
  /** The longest (`fastleader.maxNotificationInterval`). @defaultValue 60000 */
  readonly maxNotificationIntervalMs?: number;
}

/**
 * Fast leader election (FastLeaderElection): who is to lead, and what to tell those who ask. One verb: {@link step}.
 * It begins with the input `look`; before that it says nothing.
 */
export class Election {
  readonly #sid: number;
  readonly #isReconfigEnabled: boolean;
  readonly #patience: Patience;
  readonly #outbox = new Outbox();
  readonly #strangers: Strangers;
  #electorate: Electorate;
  #round = 0;
  /** While this server looks. */
  #looking: Looking | undefined = undefined;
  /** What it looks as: what it becomes if another leads. */
  #isParticipant = true;
  /** While it does not look: what it has settled for. */
  #settled: { readonly vote: Vote; readonly state: ServerState } | undefined = undefined;
  /** The newest version that was handed to the host. */
  #offeredVersion: number | undefined = undefined;

  constructor(options: ElectionOptions) {
    this.#sid = options.sid;
    this.#electorate = new Electorate(options.config, options.lastSeen);
    this.#isReconfigEnabled = options.isReconfigEnabled ?? false;
    this.#patience = {
      finalizeWaitMs: options.finalizeWaitMs ?? FINALIZE_WAIT_MS,
      minNotificationIntervalMs: options.minNotificationIntervalMs ?? FINALIZE_WAIT_MS,
      maxNotificationIntervalMs: options.maxNotificationIntervalMs ?? NOTIFICATION_INTERVAL_MAX_MS,
    };
    this.#strangers = new Strangers(this.#patience.minNotificationIntervalMs);
  }

  /** The round it is in; for the log, and for those who watch. */
  get round(): number {
    return this.#looking?.round ?? this.#round;
  }

  get state(): ServerState {
    return this.#settled?.state ?? ServerState.LOOKING;
  }

  /** What it proposes or has settled for; undefined before the first look. */
  get vote(): Vote | undefined {
    return this.#looking?.proposal ?? this.#settled?.vote;
  }

  step(input: ElectionInput): readonly ElectionOutput[] {
    switch (input.kind) {
      case 'look':
        this.#look(input);
        break;
      case 'notification':
        this.#hear(input.from, input.notification, input.now);
        break;
      case 'tick':
        this.#outbox.woken();
        this.#end(this.#looking?.tick(input.now, input.isDelivered));
        break;
      case 'refused':
        this.#end(this.#looking?.refused(input.sid));
        break;
      case 'oracle':
        this.#electorate.oracle = input.isGranted;
        this.#end(this.#looking?.recount(input.now));
        break;
      case 'established':
        this.#establish(input.epoch);
        break;
      case 'config':
        this.#electorate = new Electorate(input.config, input.lastSeen);
        this.#offeredVersion = undefined;
        break;
    }
    return this.#outbox.take();
  }

  #look(input: ElectionInput & { readonly kind: 'look' }): void {
    const last = this.#settled?.vote;
    this.#round = nextRound(this.round);
    this.#isParticipant = input.isParticipant;
    this.#settled = undefined;
    this.#looking = undefined;
    this.#offeredVersion = undefined;
    this.#electorate.oracle = undefined;
    const { designatedLeader } = input;
    if (designatedLeader !== undefined && this.#electorate.mayLead(designatedLeader)) {
      // As Apache's Vote(id, zxid): it is of no round, and of no epoch until that is established.
      const named = { leader: designatedLeader, zxid: input.lastZxid, electionEpoch: -1, peerEpoch: -1 };
      this.#end(last?.leader === designatedLeader ? last : named);
      return;
    }
    const initial = this.#initialVote(input.lastZxid, input.epoch);
    const zxid = input.lastZxid < 0 ? 'none' : `0x${input.lastZxid.toString(16)}`;
    this.#outbox.note('info', `new election: round ${this.#round}, zxid ${zxid}, epoch ${input.epoch}`);
    this.#looking = new Looking(this.#sid, this.#electorate, initial, this.#patience, this.#outbox);
    this.#end(this.#looking.start(input.now));
  }

  /** Only a voter proposes itself; an observer has nothing to offer at all. */
  #initialVote(lastZxid: number, epoch: number): Vote {
    return {
      leader: this.#electorate.config.voters.has(this.#sid) ? this.#sid : NO_VOTE,
      zxid: this.#isParticipant ? lastZxid : NO_VOTE,
      electionEpoch: this.#round,
      peerEpoch: this.#isParticipant ? epoch : NO_VOTE,
    };
  }

  /** The receipt of a notification: who is answered, before the search itself hears of it. */
  #hear(from: number, n: Notification, now: number): void {
    if (from === this.#sid || this.vote === undefined) return;
    if (this.#offersConfig(from, n)) return;
    if (!this.#electorate.isVoter(from)) {
      this.#answerStranger(from, n, now);
      return;
    }
    if (this.#looking !== undefined) {
      if (n.state === ServerState.LOOKING && n.electionEpoch < this.round) this.#answer(from);
      this.#end(this.#looking.hear(from, n, now));
    } else if (n.state === ServerState.LOOKING) {
      if (this.state === ServerState.LEADING) this.#outbox.put({ kind: 'voterLooks', sid: from });
      this.#answer(from);
    }
  }

  /**
   * Only while looking: later, configurations change by transactions alone (ZOOKEEPER-2212). Anybody may know one.
   * @returns whether the host is told; then this search is as good as over, and nothing must come of it any more
   */
  #offersConfig(from: number, n: Notification): boolean {
    if (!this.#isReconfigEnabled || this.#looking === undefined || n.config === undefined) return false;
    const version = versionOfConfig(n.config);
    if (version === undefined || version <= this.#electorate.config.version) return false;
    if (version === this.#offeredVersion) return false;
    this.#offeredVersion = version;
    this.#outbox.put({ kind: 'newerConfig', text: n.config, version, from });
    return true;
  }

  /** One without a vote is answered and not counted. Apache answers each word of it, also where it does not ask. */
  #answerStranger(from: number, n: Notification, now: number): void {
    if (n.state !== ServerState.LOOKING) return;
    const answer = this.#word(this.round);
    if (this.#strangers.isDue(from, answer, now))
      this.#outbox.put({ kind: 'send', to: from, notification: answer });
  }

  #answer(to: number): void {
    const round = this.#looking?.round ?? this.#settled?.vote.electionEpoch ?? this.#round;
    this.#outbox.put({ kind: 'send', to, notification: this.#word(round) });
  }

  #word(round: number): Notification {
    const vote = this.vote;
    if (vote === undefined) throw new Error('nothing is said before the first look');
    return notificationOf(this.state, vote, round, this.#electorate.text);
  }

  #end(vote: Vote | undefined): void {
    if (vote === undefined) return;
    const latecomers = this.#looking?.latecomers ?? [];
    // A round that is joined late may be lower: then all of the ensemble count on from the same one.
    if (isRound(vote.electionEpoch)) this.#round = vote.electionEpoch;
    else if (this.#looking !== undefined) this.#round = this.#looking.round;
    this.#looking = undefined;
    this.#outbox.wake(undefined);
    this.#settled = { vote, state: this.#stateUnder(vote.leader) };
    this.#outbox.put({ kind: 'elected', vote, state: this.state });
    for (const sid of latecomers) this.#answer(sid);
  }

  #stateUnder(leader: number): ServerState {
    if (leader === this.#sid) return ServerState.LEADING;
    return this.#isParticipant ? ServerState.FOLLOWING : ServerState.OBSERVING;
  }

  #establish(epoch: number): void {
    if (this.#settled === undefined) return;
    const { vote, state } = this.#settled;
    this.#settled = { vote: { ...vote, peerEpoch: epoch }, state };
  }
}

/** FastLeaderElection.finalizeWait, which is also its shortest wait for an answer. */
const FINALIZE_WAIT_MS = 200;
const NOTIFICATION_INTERVAL_MAX_MS = 60_000;

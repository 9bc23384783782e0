import { epochOf, type QuorumPacket, QuorumPacketType, type Zxid } from '@corral/protocol';
import { isVoid, type LearnerHistory } from './learner-history.ts';
import type { LearnerOutput } from './learner-step.ts';
import { packetName } from './packet-name.ts';
import { hex, type Proposal, readProposal, requireZxid } from './proposal.ts';
import { Refusal } from './refusal.ts';

export interface LearnerTransactionsOptions {
  readonly isObserver: boolean;
  readonly reconfigEnabled: boolean;
}

/**
 * The packets that carry the leader's history: PROPOSAL and COMMIT for followers, INFORM for observers, and while they
 * synchronise all three for observers; and the configurations among them.
 */
export class LearnerTransactions {
  readonly #outputs: LearnerOutput[];
  readonly #history: LearnerHistory;
  readonly #options: LearnerTransactionsOptions;

  constructor(outputs: LearnerOutput[], history: LearnerHistory, options: LearnerTransactionsOptions) {
    this.#outputs = outputs;
    this.#history = history;
    this.#options = options;
  }

  /**
   * @param currentEpoch the one on disk
   * @returns undefined when that is done; otherwise the epoch that has to be on disk before, and nothing is done yet
   */
  take(packet: QuorumPacket, currentEpoch: number): number | undefined {
    const { isObserver } = this.#options;
    const takesProposals = !isObserver || !this.#history.isLive;
    switch (packet.type) {
      case QuorumPacketType.PROPOSAL:
        if (takesProposals) return this.#propose(packet);
        break;
      case QuorumPacketType.COMMIT:
      case QuorumPacketType.COMMITANDACTIVATE:
        if (takesProposals) return this.#commit(packet, currentEpoch);
        break;
      case QuorumPacketType.INFORM:
      case QuorumPacketType.INFORMANDACTIVATE:
        if (isObserver) return this.#inform(packet, currentEpoch);
        break;
      default:
    }
    throw new Refusal(`unexpected ${packetName(packet.type)}`);
  }

  #propose({ zxid, data }: QuorumPacket): undefined {
    const proposal = readProposal(zxid, data);
    if (isVoid(proposal)) return;
    this.#history.admit(proposal);
    if (proposal.isReconfig) this.#see(proposal, undefined);
    this.#history.propose(proposal);
  }

  #commit({ type, zxid, data }: QuorumPacket, currentEpoch: number): number | undefined {
    const proposal = this.#history.head(requireZxid(zxid));
    const activates = type === QuorumPacketType.COMMITANDACTIVATE;
    const leader = activates ? designatedLeader(data, proposal) : undefined;
    if (this.#crossesEpoch(proposal.zxid, currentEpoch)) return epochOf(proposal.zxid);
    this.#history.commitHead();
    if (leader !== undefined) this.#see(proposal, leader);
    return undefined;
  }

  #inform({ type, zxid, data }: QuorumPacket, currentEpoch: number): number | undefined {
    const activates = type === QuorumPacketType.INFORMANDACTIVATE;
    const entry = activates ? (data?.subarray(LEADER_BYTES) ?? null) : data;
    const proposal = readProposal(zxid, entry);
    if (isVoid(proposal)) return undefined;
    const leader = activates ? designatedLeader(data, proposal) : undefined;
    this.#history.admitInform(proposal);
    if (this.#crossesEpoch(proposal.zxid, currentEpoch)) return epochOf(proposal.zxid);
    this.#history.inform(proposal);
    if (leader !== undefined) this.#see(proposal, leader);
    return undefined;
  }

  /**
   * An entry of a later epoch than ours stands for all of that epoch's initial history, as a stored epoch does. So it
   * must not reach the log before the epoch is stored, nor that before all that comes before is durable: the epoch on
   * disk is never below the log's.
   */
  #crossesEpoch(zxid: Zxid, currentEpoch: number): boolean {
    return epochOf(zxid) > currentEpoch && this.#history.logs(zxid);
  }

  #see(proposal: Proposal, leader: number | undefined): void {
    const text = proposal.configText;
    if (!this.#options.reconfigEnabled) return;
    if (leader === undefined) this.#outputs.push({ kind: 'config', text, isActive: false });
    else this.#outputs.push({ kind: 'config', text, isActive: true, designatedLeader: leader });
  }
}

/** The long that COMMITANDACTIVATE and INFORMANDACTIVATE begin with. */
function designatedLeader(data: Uint8Array | null, proposal: Proposal): number {
  if (!proposal.isReconfig) {
    throw new Refusal(`activation of ${hex(proposal.zxid)}, which is no reconfiguration`);
  }
  if (data === null || data.byteLength < LEADER_BYTES) {
    throw new Refusal('activation without a designated leader');
  }
  const sid = Number(new DataView(data.buffer, data.byteOffset, LEADER_BYTES).getBigInt64(0));
  if (!Number.isSafeInteger(sid)) throw new Refusal(`server id ${sid}`);
  return sid;
}

const LEADER_BYTES = 8;

import { QuorumPacket, QuorumPacketType } from '@corral/protocol';
import { Learner } from '../src/learner.ts';
import type { LearnerInput, LearnerOutput } from '../src/learner-step.ts';
import { packetOf, packetText, zxidFrom, zxidText } from './packet-text.ts';
import type { Scenario } from './transcript.ts';
import { txnEntry, txnText } from './txn-text.ts';

/**
 * One learner and its transcript. Commands:
 *
 *     follower accepted=1 current=1 logged=1:5      or `observer`; `nolog`, `reconfig`; sid is 1
 *     connected, progress, snapshotReceived, truncated, snapshotTaken, disconnected
 *     truncateFailed <reason>
 *     epochStored accepted 2      durable 1:6      tick 500
 *     <PACKET>                    what the leader sends, as in packet-text.ts; entries as in txn-text.ts
 *
 * tickTime is 1 s, initLimit 10 s, syncLimit 5 s. Behind the outputs, `(wants no packets)` where that is so from then on.
 */
export class LearnerScenario implements Scenario {
  #learner: Learner | undefined;
  #wantedPackets = false;

  run(command: string): readonly string[] {
    const [verb = '', ...words] = command.split(' ');
    if (verb === 'follower' || verb === 'observer') {
      this.#learner = new Learner(optionsOf(verb === 'observer', words));
      return [];
    }
    const learner = this.#learner;
    if (learner === undefined) throw new Error('begin with follower or observer');
    try {
      const lines = learner.step(inputOf(verb, words, command)).map(outputText);
      if (this.#wantedPackets && !learner.wantsPackets && !lines.at(-1)?.startsWith('leave')) {
        lines.push('(wants no packets)');
      }
      this.#wantedPackets = learner.wantsPackets;
      return lines;
    } catch (error) {
      if (error instanceof TypeError) return [String(error)];
      throw error;
    }
  }
}

function optionsOf(isObserver: boolean, words: readonly string[]): ConstructorParameters<typeof Learner>[0] {
  const values = new Map(words.map((word) => word.split('=') as [string, string | undefined]));
  return {
    sid: 1,
    isObserver,
    syncEnabled: !values.has('nolog'),
    acceptedEpoch: Number(values.get('accepted') ?? 0),
    currentEpoch: Number(values.get('current') ?? 0),
    lastLoggedZxid: zxidFrom(values.get('logged') ?? '0:0'),
    configVersion: zxidFrom(values.get('config') ?? '0:0'),
    reconfigEnabled: values.has('reconfig'),
    tickMs: 1000,
    initLimitMs: 10_000,
    syncLimitMs: 5000,
  };
}

function inputOf(verb: string, words: readonly string[], command: string): LearnerInput {
  const [first = '', second = ''] = words;
  switch (verb) {
    case 'connected':
    case 'progress':
    case 'snapshotReceived':
    case 'truncated':
    case 'snapshotTaken':
    case 'disconnected':
      return { kind: verb };
    case 'truncateFailed':
      return { kind: 'truncateFailed', reason: words.join(' ') };
    case 'epochStored':
      return {
        kind: 'epochStored',
        which: first === 'accepted' ? 'accepted' : 'current',
        epoch: Number(second),
      };
    case 'durable':
      return { kind: 'durable', zxid: zxidFrom(first) };
    case 'tick':
      return { kind: 'tick', now: Number(first) };
    default:
      return { kind: 'packet', packet: withTransaction(packetOf(command)) };
  }
}

/** Puts the transaction in place of the word for it. */
function withTransaction({ type, zxid, data, authinfo }: QuorumPacket): QuorumPacket {
  const at = transactionAt(type);
  if (data === null || at === undefined) return new QuorumPacket(type, zxid, data, authinfo);
  const text = new TextDecoder().decode(data.subarray(at));
  // `1:7 says x`: packet and transaction disagree.
  const says = /^(\S+) says (.*)$/.exec(text);
  const entry = says === null ? txnEntry(zxid as never, text) : txnEntry(zxidFrom(says[1]!), says[2]!);
  const whole = new Uint8Array(at + entry.byteLength);
  whole.set(data.subarray(0, at));
  whole.set(entry, at);
  return new QuorumPacket(type, zxid, whole, authinfo);
}

function transactionAt(type: number): number | undefined {
  if (type === QuorumPacketType.PROPOSAL || type === QuorumPacketType.INFORM) return 0;
  return type === QuorumPacketType.INFORMANDACTIVATE ? 8 : undefined;
}

export function outputText(output: LearnerOutput): string {
  switch (output.kind) {
    case 'send':
    case 'deliver':
      return `${output.kind} ${packetText(output.packet)}`;
    case 'storeEpoch':
      return `storeEpoch ${output.which} ${output.epoch}`;
    case 'append':
    case 'hold':
      return `${output.kind} ${zxidText(output.zxid)} "${txnText(output.entry)}"`;
    case 'receiveSnapshot':
    case 'truncate':
    case 'takeSnapshot':
    case 'commit':
    case 'pinged':
      return `${output.kind} ${zxidText(output.zxid)}`;
    case 'serve':
      return 'serve';
    case 'config': {
      const text = `config "${new TextDecoder().decode(output.text)}"`;
      if (!output.isActive) return `${text} seen`;
      return output.designatedLeader === undefined
        ? `${text} active`
        : `${text} active, leader ${output.designatedLeader}`;
    }
    case 'leave': {
      const marks = [...(output.isFatal ? [', fatal'] : []), ...(output.isTreeTorn ? [', torn tree'] : [])];
      return `leave${marks.join('')}: ${output.reason}`;
    }
    default:
      return `note: ${output.text}`;
  }
}

import type { Zxid } from '@corral/protocol';
import { CommittedLog } from '../src/committed-log.ts';
import { Leader } from '../src/leader.ts';
import type { LeaderOptions } from '../src/leader-options.ts';
import type { LeaderInput, LeaderOutput } from '../src/leader-step.ts';
import { entryOf, packetOf, packetText, zxidFrom, zxidText } from './packet-text.ts';
import type { Scenario } from './transcript.ts';
import { Majority } from './verifier.ts';

/**
 * One leader, its learners played by hand. Commands:
 *
 *     leader config=1,2,3 accepted=1 current=1 log=1:1..1:5    sid is 1; no outputs yet
 *     leading config=1,2,3 log=1:1..1:5 followers=2            the same, established in the next epoch with them
 *     2 FOLLOWERINFO 1:0 sid=2                                 what comes on link 2
 *     located 2 base=1:1 last=1:5      located 2 nothing
 *     epochStored accepted 2
 *     propose "x"      propose "x" 1,2,4                       the next zxid, with the configuration it brings
 *     durable 2:1      sync 7      sync 7 link 2      progress 2      disconnected 2      handOver
 *     beats 3                                                  that many halves of a tick pass
 *     pause 60                                                 this server stands still, in seconds
 *     quorum? 1,2,4                                            isQuorumSynced
 *
 * A log is `1:1..1:5`, several with `,` between. initLimit 10, syncLimit 5, in ticks. Other words for the first two:
 * `memory=1:3..1:5` (what the committed log has, where it is not all), `seen=<configuration>` (with `_` for the blank),
 * `reconfig`, `linearizable`, `snap` (forceSnapshotSync), `nodisk`, `snaps=1`, `diffs=1`, `counter=0xf0000000` (behind
 * which the epoch begins), `at=2:0` (the tree's zxid, where the log does not say it).
 */
export class LeaderScenario implements Scenario {
  #leader: Leader | undefined;
  #now = 0;

  run(command: string): readonly string[] {
    const words = command.match(/"[^"]*"|\S+/g) ?? [];
    const [verb = '', ...rest] = words;
    try {
      return this.#run(verb, rest, command);
    } catch (error) {
      if (error instanceof RangeError) return [String(error)];
      throw error;
    }
  }

  #run(verb: string, words: readonly string[], command: string): readonly string[] {
    if (verb === 'leader' || verb === 'leading') {
      this.#leader = new Leader(optionsOf(words));
      this.#step({ kind: 'tick', now: this.#now });
      return verb === 'leader' ? [] : this.#lead(words);
    }
    if (verb === 'beats') return this.#beats(Number(words[0]));
    if (verb === 'pause') {
      this.#now += Number(words[0]) * 1000;
      return [];
    }
    if (verb === 'quorum?') return [this.#leader!.isQuorumSynced(Majority.from(words[0]!)) ? 'yes' : 'no'];
    return this.#step(this.#inputOf(verb, words, command));
  }

  #step(input: LeaderInput): readonly string[] {
    return this.#leader!.step(input).map(leaderOutputText);
  }

  #beats(count: number): readonly string[] {
    const lines: string[] = [];
    for (let i = 1; i <= count; i++) {
      this.#now += 500;
      lines.push(...this.#step({ kind: 'tick', now: this.#now }).map((line) => `${i}: ${line}`));
    }
    return lines;
  }

  /** Through discovery and synchronisation, with followers and observers that are where the leader is. */
  #lead(words: readonly string[]): readonly string[] {
    const options = optionsOf(words);
    const epoch = options.acceptedEpoch + 1;
    const values = valuesOf(words);
    const followers = sidsOf(values.get('followers'));
    const observers = sidsOf(values.get('observers'));
    const all = [...followers, ...observers];
    for (const sid of followers) this.#packet(sid, `FOLLOWERINFO ${epoch - 1}:0 sid=${sid}`);
    for (const sid of observers) this.#packet(sid, `OBSERVERINFO ${epoch - 1}:0 sid=${sid}`);
    this.#step({ kind: 'epochStored', which: 'accepted', epoch });
    for (const sid of all)
      this.#packet(sid, `ACKEPOCH ${zxidText(options.lastZxid)} current=${options.currentEpoch}`);
    this.#step({ kind: 'epochStored', which: 'current', epoch });
    for (const sid of all) this.#packet(sid, `ACK ${epoch}:0`);
    for (const sid of all) this.#packet(sid, `ACK ${epoch}:0`);
    return [];
  }

  #packet(link: number, text: string): void {
    this.#step({ kind: 'packet', link, packet: packetOf(text) });
  }

  #inputOf(verb: string, words: readonly string[], command: string): LeaderInput {
    const [first = '', second = '', third = ''] = words;
    switch (verb) {
      case 'progress':
      case 'disconnected':
        return { kind: verb, link: Number(first) };
      case 'handOver':
        return { kind: 'handOver' };
      case 'epochStored':
        return {
          kind: 'epochStored',
          which: first === 'accepted' ? 'accepted' : 'current',
          epoch: Number(second),
        };
      case 'located': {
        const values = valuesOf(words);
        const base = values.get('base');
        const extent =
          base === undefined ? undefined : { base: zxidFrom(base), last: zxidFrom(values.get('last')!) };
        return { kind: 'logLocated', link: Number(first), extent };
      }
      case 'propose': {
        const zxid = (this.#leader!.lastProposed + 1) as Zxid;
        const entry = entryOf(first.slice(1, -1));
        if (second === '') return { kind: 'propose', zxid, entry };
        return { kind: 'propose', zxid, entry, config: Majority.from(second).withVersion(zxid) };
      }
      case 'durable':
        return { kind: 'durable', zxid: zxidFrom(first) };
      case 'sync':
        if (second !== 'link') return { kind: 'sync', token: Number(first) };
        return { kind: 'sync', token: Number(first), link: Number(third) };
      default:
        return { kind: 'packet', link: Number(verb), packet: packetOf(command.slice(verb.length + 1)) };
    }
  }
}

export function leaderOutputText(output: LeaderOutput): string {
  switch (output.kind) {
    case 'send':
      return `send ${output.links.join(',')}: ${packetText(output.packet)}`;
    case 'sendCommits':
      return `sendCommits ${output.links.join(',')}: ${zxidText(output.from)}..${zxidText(output.to)}`;
    case 'sendLog':
      return `sendLog ${output.link}: above ${zxidText(output.after)}, up to ${zxidText(output.upTo)}`;
    case 'sendSnapshot':
    case 'locateLog':
      return `${output.kind} ${output.link}: ${zxidText(output.zxid)}`;
    case 'storeEpoch':
      return `storeEpoch ${output.which} ${output.epoch}`;
    case 'established':
      return `established ${zxidText(output.zxid)} "${output.config.toString()}"`;
    case 'synced':
      return `synced ${output.link}: ${output.isObserver ? 'observer' : 'follower'} ${output.sid}`;
    case 'commit':
      return `commit ${zxidText(output.zxid)}`;
    case 'syncDone':
      return `syncDone ${output.token}`;
    case 'configActivated':
      return `configActivated "${output.config.toString()}", leader ${output.designatedLeader}`;
    case 'close':
      return `close ${output.link}: ${output.reason}`;
    case 'stepDown':
      return `stepDown: ${output.reason}${output.vote === undefined ? '' : `, vote for ${output.vote}`}`;
    default:
      return `note${output.sid === undefined ? '' : ` about ${output.sid}`}: ${output.text}`;
  }
}

function optionsOf(words: readonly string[]): LeaderOptions {
  const values = valuesOf(words);
  const log = zxidsOf(values.get('log') ?? '');
  const committedLog = new CommittedLog();
  for (const zxid of zxidsOf(values.get('memory') ?? values.get('log') ?? ''))
    committedLog.add(zxid, entryOf(zxidText(zxid)));
  const seen = values.get('seen');
  return {
    sid: 1,
    config: Majority.from((values.get('config') ?? '1,2,3').replace('_', ' ')),
    ...(seen === undefined ? {} : { lastSeenConfig: Majority.from(seen.replace('_', ' ')) }),
    withVersion: (config, version) => new Majority(config.voters, config.observers, version),
    acceptedEpoch: Number(values.get('accepted') ?? 1),
    currentEpoch: Number(values.get('current') ?? 1),
    lastZxid: values.has('at') ? zxidFrom(values.get('at')!) : (log.at(-1) ?? zxidFrom('0:0')),
    committedLog,
    tickMs: 1000,
    initLimit: 10,
    syncLimit: 5,
    initialCounter: Number(values.get('counter') ?? 0),
    reconfigEnabled: values.has('reconfig'),
    linearizableSync: values.has('linearizable'),
    forceSnapshotSync: values.has('snap'),
    txnLogSyncEnabled: !values.has('nodisk'),
    maxConcurrentSnapSyncs: Number(values.get('snaps') ?? 10),
    maxConcurrentDiffSyncs: Number(values.get('diffs') ?? 100),
  };
}

export function valuesOf(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map((word) => {
      const at = word.indexOf('=');
      return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

function sidsOf(text = ''): readonly number[] {
  return text === '' ? [] : text.split(',').map(Number);
}

export function zxidsOf(text: string): readonly Zxid[] {
  if (text === '') return [];
  return text.split(',').flatMap((range) => {
    const [from = '', to = from] = range.split('..');
    const zxids: Zxid[] = [];
    for (let zxid = zxidFrom(from); zxid <= zxidFrom(to); zxid = (zxid + 1) as Zxid) zxids.push(zxid);
    return zxids;
  });
}

import { CommittedLog } from '../src/committed-log.ts';
import { ObserverMaster } from '../src/observer-master.ts';
import type { ObserverMasterInput } from '../src/observer-master-step.ts';
import { leaderOutputText, valuesOf, zxidsOf } from './leader-scenario.ts';
import { entryOf, packetOf, zxidFrom, zxidText } from './packet-text.ts';
import type { Scenario } from './transcript.ts';

/**
 * A follower whose sid is 2, its observers played by hand. Commands:
 *
 *     master epoch=2 log=2:1..2:5      also memory=, snap, nodisk, at=, config=2:0 as with a leader
 *     7 OBSERVERINFO 1:0 sid=7         what comes on link 7
 *     commit "x"      commit "x" leader=3      the next zxid; with a designated leader, a reconfiguration in force
 *     commit 2:9 forgotten             up to there, and memory has nothing of it
 *     config 2:7 "text"                another configuration
 *     located 7 base=1:1 last=1:5      located 7 nothing      progress 7      disconnected 7
 *     beats 3                          that many halves of a tick pass
 */
export class ObserverMasterScenario implements Scenario {
  #master: ObserverMaster | undefined;
  #log = new CommittedLog();
  #committed = zxidFrom('0:0');
  #now = 0;

  run(command: string): readonly string[] {
    const [verb = '', ...rest] = command.match(/"[^"]*"|\S+/g) ?? [];
    switch (verb) {
      case 'master':
        this.#begin(valuesOf(rest));
        return this.#step({ kind: 'tick', now: this.#now });
      case 'beats':
        return this.#beats(Number(rest[0]));
      case 'commit':
        return this.#commit(rest);
      default:
        return this.#step(inputOf(verb, rest, command));
    }
  }

  #begin(values: ReadonlyMap<string, string>): void {
    const log = zxidsOf(values.get('log') ?? '');
    for (const zxid of zxidsOf(values.get('memory') ?? values.get('log') ?? ''))
      this.#log.add(zxid, entryOf(zxidText(zxid)));
    this.#committed = values.has('at') ? zxidFrom(values.get('at')!) : (log.at(-1) ?? zxidFrom('0:0'));
    this.#master = new ObserverMaster({
      sid: 2,
      epoch: Number(values.get('epoch') ?? 2),
      configVersion: zxidFrom(values.get('config') ?? '2:0'),
      newestConfig: 'the newest',
      committed: this.#committed,
      committedLog: this.#log,
      tickMs: 1000,
      initLimit: 10,
      syncLimit: 5,
      forceSnapshotSync: values.has('snap'),
      txnLogSyncEnabled: !values.has('nodisk'),
      maxConcurrentSnapSyncs: Number(values.get('snaps') ?? 10),
    });
  }

  #commit(words: readonly string[]): readonly string[] {
    const [first = '', second] = words;
    if (second === 'forgotten') {
      this.#log.clear();
      this.#committed = zxidFrom(first);
      return this.#step({ kind: 'committed', zxid: this.#committed });
    }
    const zxid = zxidFrom(zxidText(this.#committed + 1));
    this.#committed = zxid;
    this.#log.add(zxid, entryOf(first.slice(1, -1)));
    const leader = valuesOf(words).get('leader');
    if (leader === undefined) return this.#step({ kind: 'committed', zxid });
    return this.#step({ kind: 'committed', zxid, designatedLeader: Number(leader) });
  }

  #beats(count: number): readonly string[] {
    const lines: string[] = [];
    for (let i = 1; i <= count; i++) {
      this.#now += 500;
      lines.push(...this.#step({ kind: 'tick', now: this.#now }).map((line) => `${i}: ${line}`));
    }
    return lines;
  }

  #step(input: ObserverMasterInput): readonly string[] {
    return this.#master!.step(input).map(leaderOutputText);
  }
}

function inputOf(verb: string, words: readonly string[], command: string): ObserverMasterInput {
  const [first = '', second = ''] = words;
  switch (verb) {
    case 'progress':
    case 'disconnected':
      return { kind: verb, link: Number(first) };
    case 'config':
      return { kind: 'config', version: zxidFrom(first), newest: second.slice(1, -1) };
    case 'located': {
      const values = valuesOf(words);
      const base = values.get('base');
      const extent =
        base === undefined ? undefined : { base: zxidFrom(base), last: zxidFrom(values.get('last')!) };
      return { kind: 'logLocated', link: Number(first), extent };
    }
    default:
      return { kind: 'packet', link: Number(verb), packet: packetOf(command.slice(verb.length + 1)) };
  }
}

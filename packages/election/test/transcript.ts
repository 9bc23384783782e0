import { type Notification, NO_VOTE, ServerState, zxidOf } from '@corral/protocol';
import type { ElectionOutput, Vote } from '../src/index.ts';
import { quorum } from './quorum.ts';
import { Stage } from './stage.ts';

/**
 * Plays a transcript: the lines of the script as they stand, each command followed by all that was observed of it,
 * indented. What was observed before (indented lines) is left out, so a transcript that is right comes back unchanged.
 *
 * | command | what happens |
 * | --- | --- |
 * | `ensemble voters=1,2,3 observers=4 weights=3:0 version=0x100` | the servers of the stage; all up, none looking |
 * | `server 1 zxid=1.5 epoch=1 observer` | what it has on disk (zxid as epoch.counter, or -1); `participant`, `observer` |
 * | `look 1 2` `look 1 leader=3` | they look for a leader; `leader`: the one a reconfiguration has named |
 * | `deliver` `deliver 1>2 2>1` | hands over all notifications, and those that follow, until it is quiet; or these only |
 * | `drop 1>2` | loses what is on that link |
 * | `partition 1,2 3` `heal` | links between the groups keep their newest notification until it is healed |
 * | `tick 200` `run 200` | time goes by; with `run`, everything is delivered as soon as it is sent |
 * | `say 3>1 LEADING 3 zxid=1.5 epoch=1 round=7 version=2 config=0x100` | a notification from whoever |
 * | `established 1,2 epoch=2` | they have followed their leader into its epoch |
 * | `crash 1` `restart 1` | it is gone; it looks again, in a process that remembers no round |
 * | `refused 1>2` | 1 has found nobody listening at 2 |
 * | `stuck 1` `unstuck 1` | its network takes nothing |
 * | `config 1 voters=1,2,3,4 version=0x200` `proposed 1 voters=...` | it has another configuration; has seen one proposed |
 * | `oracle 1 yes` | what the oracle of two says |
 */
export function play(script: string): string {
  const player = new Player();
  const lines: string[] = [];
  for (const line of script.split('\n')) {
    if (line.startsWith(INDENT)) continue;
    lines.push(line);
    if (line !== '' && !line.startsWith('#')) lines.push(...player.run(line));
  }
  return lines.join('\n');
}

class Player {
  #observed: string[] = [];
  #lastSend:
    | { readonly from: number; readonly to: number[]; readonly notification: Notification }
    | undefined;
  readonly #stage = new Stage((sid, output) => this.#observe(sid, output));
  #groups: readonly (readonly number[])[] = [];

  run(line: string): readonly string[] {
    const [verb = '', ...words] = line.split(/\s+/);
    const command = COMMANDS[verb];
    if (command === undefined) throw new Error(`no such command: ${line}`);
    command.call(this, new Words(words));
    this.#flushSend();
    const observed = this.#observed;
    this.#observed = [];
    return observed.length === 0 ? [`${INDENT}(nothing)`].slice(SILENT.has(verb) ? 1 : 0) : observed;
  }

  ensemble(words: Words): void {
    const config = quorum(words.sketch());
    for (const sid of [...config.voters, ...config.observers]) this.#stage.add(sid, config);
  }

  server(words: Words): void {
    const sid = Number(words.plain[0]);
    const actor = this.#stage.actors.get(sid) ?? this.#stage.add(sid, this.#anyConfig());
    actor.zxid = zxidIn(words.get('zxid') ?? '0');
    actor.epoch = Number(words.get('epoch') ?? 0);
    if (words.plain.includes('observer')) actor.isParticipant = false;
    if (words.plain.includes('participant')) actor.isParticipant = true;
  }

  look(words: Words): void {
    const leader = words.get('leader');
    for (const sid of words.plain.map(Number))
      this.#stage.look(sid, leader === undefined ? undefined : Number(leader));
  }

  deliver(words: Words): void {
    if (words.plain.length === 0) this.#deliverAll();
    else for (const link of words.plain) this.#deliver(link);
  }

  drop(words: Words): void {
    for (const link of words.plain)
      if (!this.#stage.letters.delete(link)) throw new Error(`nothing on ${link}`);
  }

  partition(words: Words): void {
    this.#groups = words.plain.map((group) => group.split(',').map(Number));
  }

  heal(): void {
    this.#groups = [];
  }

  tick(words: Words): void {
    const until = this.#stage.now + Number(words.plain[0]);
    while (this.#stage.wakeNext(until)) continue;
    this.#stage.now = until;
  }

  runFor(words: Words): void {
    const until = this.#stage.now + Number(words.plain[0]);
    do this.#deliverAll();
    while (this.#stage.wakeNext(until));
    this.#stage.now = until;
  }

  say(words: Words): void {
    const [link = '', state = '', leader = ''] = words.plain;
    const [from, to] = link.split('>').map(Number);
    const version = words.get('config');
    const config =
      version === undefined ? undefined : quorum({ voters: [1], version: Number(version) }).toString();
    const notification: Notification = {
      state: ServerState[state as keyof typeof ServerState],
      leader: leader === 'none' ? NO_VOTE : Number(leader),
      zxid: zxidIn(words.get('zxid') ?? '0'),
      electionEpoch: Number(words.get('round') ?? 1),
      peerEpoch: Number(words.get('epoch') ?? 0),
      version: Number(words.get('version') ?? 2),
      config,
    };
    this.#stage.hear({ from: from ?? NaN, to: to ?? NaN, notification });
  }

  established(words: Words): void {
    const epoch = Number(words.get('epoch'));
    for (const sid of words.list(0)) {
      this.#stage.actor(sid).epoch = epoch;
      this.#stage.step(sid, { kind: 'established', epoch });
    }
  }

  crash(words: Words): void {
    for (const sid of words.plain.map(Number)) this.#stage.crash(sid);
  }

  restart(words: Words): void {
    for (const sid of words.plain.map(Number)) {
      this.#stage.crash(sid);
      this.#stage.look(sid);
    }
  }

  refused(words: Words): void {
    for (const link of words.plain) {
      const [from = NaN, to = NaN] = link.split('>').map(Number);
      this.#stage.step(from, { kind: 'refused', sid: to });
    }
  }

  stuck(words: Words): void {
    for (const sid of words.plain.map(Number)) this.#stage.actor(sid).isDelivering = false;
  }

  unstuck(words: Words): void {
    for (const sid of words.plain.map(Number)) this.#stage.actor(sid).isDelivering = true;
  }

  config(words: Words): void {
    const config = quorum(words.sketch());
    for (const sid of words.list(0)) {
      const actor = this.#stage.actor(sid);
      actor.config = config;
      actor.lastSeen = undefined;
      this.#stage.step(sid, { kind: 'config', config });
    }
  }

  proposed(words: Words): void {
    const lastSeen = quorum(words.sketch());
    for (const sid of words.list(0)) {
      const actor = this.#stage.actor(sid);
      actor.lastSeen = lastSeen;
      this.#stage.step(sid, { kind: 'config', config: actor.config, lastSeen });
    }
  }

  oracle(words: Words): void {
    const isGranted = words.plain[1] === 'yes';
    this.#stage.step(Number(words.plain[0]), { kind: 'oracle', now: this.#stage.now, isGranted });
  }

  #anyConfig() {
    for (const { config } of this.#stage.actors.values()) return config;
    throw new Error('an ensemble comes first');
  }

  #deliverAll(): void {
    for (let count = 0; count < DELIVERIES_MAX; count++) {
      const link = [...this.#stage.letters.keys()].find((key) => !this.#isCut(key));
      if (link === undefined) return;
      this.#deliver(link);
    }
    throw new Error('they never stop talking');
  }

  #deliver(link: string): void {
    if (!this.#stage.deliver(link)) throw new Error(`nothing on ${link}`);
  }

  #isCut(link: string): boolean {
    const [from, to] = link.split('>').map(Number);
    const groupOf = (sid: number | undefined) =>
      this.#groups.findIndex((group) => group.includes(sid ?? NaN));
    return groupOf(from) !== groupOf(to);
  }

  #observe(sid: number, output: ElectionOutput): void {
    if (output.kind === 'send') {
      if (this.#lastSend?.notification === output.notification) this.#lastSend.to.push(output.to);
      else {
        this.#flushSend();
        this.#lastSend = { from: sid, to: [output.to], notification: output.notification };
      }
      return;
    }
    this.#flushSend();
    this.#say(`${sid}`, described(output, this.#stage.now));
  }

  #flushSend(): void {
    if (this.#lastSend === undefined) return;
    const { from, to, notification: n } = this.#lastSend;
    this.#lastSend = undefined;
    this.#say(`${from} > ${to.join(' ')}`, `${stateName(n.state)} ${voteText(n)}`);
  }

  #say(who: string, what: string): void {
    this.#observed.push(`${INDENT}${who.padEnd(WHO_WIDTH)} ${what}`);
  }
}

type Command = (this: Player, words: Words) => void;

const { prototype } = Player;
const COMMANDS: Readonly<Record<string, Command>> = {
  ensemble: prototype.ensemble,
  server: prototype.server,
  look: prototype.look,
  deliver: prototype.deliver,
  drop: prototype.drop,
  partition: prototype.partition,
  heal: prototype.heal,
  tick: prototype.tick,
  run: prototype.runFor,
  say: prototype.say,
  established: prototype.established,
  crash: prototype.crash,
  restart: prototype.restart,
  refused: prototype.refused,
  stuck: prototype.stuck,
  unstuck: prototype.unstuck,
  config: prototype.config,
  proposed: prototype.proposed,
  oracle: prototype.oracle,
};

/** Commands that only prepare; of the others it is said, too, if nothing came of them. */
const SILENT = new Set([
  'ensemble',
  'server',
  'drop',
  'partition',
  'heal',
  'crash',
  'stuck',
  'unstuck',
  'config',
  'proposed',
  'established',
]);

/** The words of a command: plain ones, and `key=value`. */
class Words {
  readonly plain: readonly string[];
  readonly #values: ReadonlyMap<string, string>;

  constructor(words: readonly string[]) {
    this.plain = words.filter((word) => !word.includes('='));
    this.#values = new Map(
      words.filter((word) => word.includes('=')).map((word) => word.split('=', 2) as [string, string]),
    );
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  list(index: number): readonly number[] {
    return numbersIn(this.plain[index]);
  }

  sketch() {
    const weights = (this.get('weights') ?? '').split(',').filter(Boolean);
    return {
      voters: numbersIn(this.get('voters')),
      observers: numbersIn(this.get('observers')),
      version: Number(this.get('version') ?? 0),
      weights: new Map(weights.map((pair) => pair.split(':').map(Number) as [number, number])),
    };
  }
}

function numbersIn(text: string | undefined): readonly number[] {
  return (text ?? '').split(',').filter(Boolean).map(Number);
}

function zxidIn(text: string): number {
  if (text === 'none') return NO_VOTE;
  const [epoch = '', counter] = text.split('.');
  return counter === undefined ? Number(text) : zxidOf(Number(epoch), Number(counter));
}

function described(output: Exclude<ElectionOutput, { kind: 'send' }>, now: number): string {
  switch (output.kind) {
    case 'connectAll':
      return 'dials everybody';
    case 'wake':
      return `waits ${output.at - now} ms`;
    case 'elected':
      return `is ${stateName(output.state)}: ${voteText(output.vote)}`;
    case 'voterLooks':
      return `hears that voter ${output.sid} looks`;
    case 'newerConfig':
      return `hears from ${output.from} of configuration 0x${output.version.toString(16)}`;
    default:
      return `notes: ${output.text}`;
  }
}

function stateName(state: number): string {
  return Object.entries(ServerState).find(([, value]) => value === state)?.[0] ?? `${state}`;
}

function voteText(vote: Vote): string {
  const { leader, zxid, electionEpoch, peerEpoch } = vote;
  return `${leader === NO_VOTE ? 'none' : leader} (epoch ${numberText(peerEpoch)}, zxid ${zxidText(zxid)}) round ${electionEpoch}`;
}

function numberText(value: number): string {
  return value === NO_VOTE ? 'none' : `${value}`;
}

function zxidText(zxid: number): string {
  return zxid < 0 ? numberText(zxid) : `${Math.floor(zxid / 2 ** 32)}.${zxid % 2 ** 32}`;
}

const INDENT = '    ';
const WHO_WIDTH = 9;
/** Far more than any script needs: who exceeds it talks in circles. */
const DELIVERIES_MAX = 1000;

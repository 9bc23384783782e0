import type { QuorumVerifier, Zxid } from '@corral/protocol';
import { zxidFrom, zxidText } from './packet-text.ts';

/** A majority, for specs: as text `1,2,3 version=1:0`, with observers `1,2,3+4,5 version=1:0`. */
export class Majority implements QuorumVerifier {
  readonly version: Zxid;
  readonly voters: ReadonlySet<number>;
  readonly observers: ReadonlySet<number>;

  constructor(voters: Iterable<number>, observers: Iterable<number> = [], version: Zxid = 0 as Zxid) {
    this.voters = new Set(voters);
    this.observers = new Set(observers);
    this.version = version;
  }

  static from(text: string): Majority {
    const [members = '', version = 'version=0:0'] = text.split(' ');
    const [voters = '', observers = ''] = members.split('+');
    return new Majority(sidsOf(voters), sidsOf(observers), zxidFrom(version.slice('version='.length)));
  }

  withVersion(version: Zxid): Majority {
    return new Majority(this.voters, this.observers, version);
  }

  weightOf(sid: number): number {
    return this.voters.has(sid) ? 1 : 0;
  }

  containsQuorum(sids: ReadonlySet<number>): boolean {
    let count = 0;
    for (const sid of sids) if (this.voters.has(sid)) count += 1;
    return count * 2 > this.voters.size;
  }

  toString(): string {
    const observers = this.observers.size === 0 ? '' : `+${[...this.observers].join(',')}`;
    return `${[...this.voters].join(',')}${observers} version=${zxidText(this.version)}`;
  }
}

function sidsOf(list: string): number[] {
  return list === '' ? [] : list.split(',').map(Number);
}

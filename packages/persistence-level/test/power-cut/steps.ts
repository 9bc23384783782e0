import type { Storage } from '@corral/persistence';
import { CountedBody, entry, sampleBody } from '@corral/persistence/compliance';
import type { Zxid } from '@corral/protocol';

/** One thing a workload does with a storage. */
export type Step =
  | readonly ['append', first: Zxid, last: Zxid, bytes: number]
  | readonly ['sync']
  | readonly ['snapshot', Zxid, bytes: number]
  | readonly ['truncate', Zxid]
  | readonly ['purge-log', Zxid]
  | readonly ['purge-snapshots', retain: number]
  | readonly ['discard-above', Zxid]
  /** A snapshot that is given up before it is whole. */
  | readonly ['abandon', Zxid, bytes: number]
  | readonly ['accepted' | 'current', epoch: number]
  | readonly ['reopen']
  /** The process dies, and another opens what it left. */
  | readonly ['die']
  /** Begun, and not waited for before what follows. */
  | readonly ['beside', Step];

export async function take(storage: Storage, step: Step): Promise<void> {
  switch (step[0]) {
    case 'append':
      for (let zxid = step[1]; zxid <= step[2]; zxid++) storage.log.append(zxid, entry(zxid, step[3]));
      return;
    case 'sync':
      return storage.log.sync();
    case 'snapshot': {
      const sink = await storage.snapshots.create(step[1]);
      await sink.write(sampleBody(step[2], step[1]));
      await sink.commit({ lastProcessedZxid: step[1] });
      return;
    }
    case 'abandon': {
      const sink = await storage.snapshots.create(step[1]);
      await sink.write(sampleBody(step[2], step[1]));
      return sink.abort();
    }
    case 'truncate':
      return storage.log.truncate(step[1]);
    case 'purge-log':
      await storage.log.purge(step[1]);
      return;
    case 'purge-snapshots':
      await storage.snapshots.purge(step[1]);
      return;
    case 'discard-above':
      await storage.snapshots.discardAbove(step[1]);
      return;
    case 'accepted':
      return storage.epochs.setAccepted(step[1]);
    case 'current':
      return storage.epochs.setCurrent(step[1]);
    default:
  }
}

/** What must and what may be found where the power was cut in a step, or between two. */
export class Expectation {
  #appended: { readonly zxid: Zxid; readonly bytes: number }[] = [];
  #acknowledged = 0;
  #purgedTo = 0;
  /** Bytes of the snapshots that must be there, where one of the same zxid is not taking its place. */
  #must: ReadonlyMap<Zxid, number> = new Map();
  /** And of those that may; of one that is being replaced both. */
  #may: ReadonlyMap<Zxid, readonly number[]> = new Map();
  #epochs: { readonly least: number; readonly most: number }[] = [
    { least: 0, most: 0 },
    { least: 0, most: 0 },
  ];

  /** As it is while the step is at work. */
  during(step: Step): Expectation {
    const next = this.#copy();
    switch (step[0]) {
      case 'beside':
        return this.during(step[1]);
      case 'append':
        for (let zxid = step[1]; zxid <= step[2]; zxid++) next.#appended.push({ zxid, bytes: step[3] });
        break;
      case 'snapshot':
        next.#may = new Map([...this.#may, [step[1], [...(this.#may.get(step[1]) ?? []), step[2]]]]);
        break;
      case 'truncate':
        next.#acknowledged = this.#countTo(step[1]);
        break;
      case 'purge-log':
        next.#purgedTo = step[1];
        break;
      case 'purge-snapshots':
        next.#must = newest(this.#must, step[1]);
        break;
      case 'discard-above':
        next.#must = new Map([...this.#must].filter(([zxid]) => zxid <= step[1]));
        break;
      case 'accepted':
      case 'current': {
        const at = step[0] === 'accepted' ? 0 : 1;
        next.#epochs = this.#epochs.with(at, { ...this.#epochs[at]!, most: step[1] });
        break;
      }
      default:
    }
    return next;
  }

  /** As it is once the step, at work before, is done. */
  behind(step: Step): Expectation {
    const next = this.#copy();
    switch (step[0]) {
      case 'beside':
        return this.behind(step[1]);
      case 'sync':
      case 'reopen':
        next.#acknowledged = next.#appended.length;
        break;
      case 'snapshot':
        next.#must = new Map([...this.#must, [step[1], step[2]]]);
        next.#may = new Map([...this.#may, [step[1], [step[2]]]]);
        break;
      case 'truncate':
        next.#appended.length = this.#countTo(step[1]);
        next.#acknowledged = next.#appended.length;
        break;
      case 'purge-snapshots':
      case 'discard-above':
        next.#may = new Map(Array.from(this.#must, ([zxid, bytes]) => [zxid, [bytes]]));
        break;
      case 'accepted':
      case 'current': {
        const at = step[0] === 'accepted' ? 0 : 1;
        next.#epochs = this.#epochs.with(at, { least: step[1], most: step[1] });
        break;
      }
      default:
    }
    return next;
  }

  /** As it is once it has been opened after a cut: what was found is believed, and stays. */
  async found(storage: Storage): Promise<Expectation> {
    const next = this.#copy();
    let count = this.#appended.filter(({ zxid }) => zxid <= this.#purgedTo).length;
    await storage.log.read(this.#purgedTo as Zxid, () => void count++);
    next.#appended.length = count;
    next.#acknowledged = count;
    next.#must = new Map((await storage.snapshots.list()).map(({ zxid, bytes }) => [zxid, bytes]));
    next.#may = new Map(Array.from(next.#must, ([zxid, bytes]) => [zxid, [bytes]]));
    const { accepted = 0, current = 0 } = storage.epochs;
    next.#epochs = [accepted, current].map((epoch) => ({ least: epoch, most: epoch }));
    return next;
  }

  /** What is wrong with a storage that was opened after the cut; undefined where nothing is. */
  async fault(storage: Storage): Promise<string | undefined> {
    return this.#epochFault(storage) ?? (await this.#logFault(storage)) ?? this.#snapshotFault(storage);
  }

  #epochFault({ epochs }: Storage): string | undefined {
    for (const [i, epoch] of [epochs.accepted ?? 0, epochs.current ?? 0].entries()) {
      const { least, most } = this.#epochs[i]!;
      if (epoch < least || epoch > most) return `an epoch is ${epoch}, not within ${least} and ${most}`;
    }
    return undefined;
  }

  async #logFault({ log }: Storage): Promise<string | undefined> {
    const may = this.#appended.filter(({ zxid }) => zxid > this.#purgedTo);
    const must = this.#appended.slice(0, this.#acknowledged).filter(({ zxid }) => zxid > this.#purgedTo);
    let count = 0;
    let wrong: string | undefined;
    await log.read(this.#purgedTo as Zxid, ({ zxid, bytes }) => {
      const expected = may[count++];
      const isSame = expected?.zxid === zxid && Buffer.compare(bytes, entry(zxid, expected.bytes)) === 0;
      if (!isSame) wrong ??= `entry ${count} has zxid ${zxid}, where ${expected?.zxid} was appended`;
    });
    if (wrong === undefined && count < must.length) return `${count} of ${must.length} acknowledged entries`;
    return wrong;
  }

  async #snapshotFault({ snapshots }: Storage): Promise<string | undefined> {
    const listed = await snapshots.list();
    for (const zxid of this.#must.keys())
      if (!listed.some((info) => info.zxid === zxid)) return `snapshot ${zxid} is lost`;
    for (const info of listed) {
      const bytes = this.#may.get(info.zxid)?.find((each) => each === info.bytes);
      if (bytes === undefined) return `snapshot ${info.zxid} was never taken like this, or purged`;
      const body = new CountedBody(bytes);
      await snapshots.load(info, body);
      if (Buffer.compare(body.bytes, sampleBody(bytes, info.zxid)) !== 0)
        return `snapshot ${info.zxid} holds something else`;
    }
    return undefined;
  }

  #countTo(zxid: Zxid): number {
    return this.#appended.filter((appended) => appended.zxid <= zxid).length;
  }

  #copy(): Expectation {
    const copy = new Expectation();
    copy.#appended = this.#appended.slice();
    copy.#acknowledged = this.#acknowledged;
    copy.#purgedTo = this.#purgedTo;
    copy.#must = this.#must;
    copy.#may = this.#may;
    copy.#epochs = this.#epochs;
    return copy;
  }
}

function newest(snapshots: ReadonlyMap<Zxid, number>, retain: number): ReadonlyMap<Zxid, number> {
  return new Map([...snapshots].toSorted(([a], [b]) => b - a).slice(0, retain));
}

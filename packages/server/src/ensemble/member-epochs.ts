import { type Epochs, PersistenceError } from '@corral/persistence';
import { epochOf, type Zxid } from '@corral/protocol';

/** The epochs this member has promised and seen established (QuorumPeer.loadDataBase). */
export class MemberEpochs {
  readonly #epochs: Epochs;

  private constructor(epochs: Epochs) {
    this.#epochs = epochs;
  }

  /**
   * What no file says follows from the newest transaction. A transaction of an epoch that was promised and not yet
   * noted as established comes from a synchronisation that a crash cut short behind its last durable step: then that
   * epoch was established (ZOOKEEPER-2307, 4269, 2354).
   *
   * @throws PersistenceError `DAMAGED` where the files and the log contradict each other
   */
  static async load(epochs: Epochs, lastZxid: Zxid): Promise<MemberEpochs> {
    const last = epochOf(lastZxid);
    if (epochs.accepted === undefined) await epochs.setAccepted(Math.max(last, epochs.current ?? 0));
    const accepted = epochs.accepted!;
    if (last > accepted)
      throw new PersistenceError(
        'DAMAGED',
        `the newest transaction is of epoch ${last}, but no epoch above ${accepted} was ever accepted`,
      );
    if ((epochs.current ?? -1) < last) await epochs.setCurrent(last);
    return new MemberEpochs(epochs);
  }

  get accepted(): number {
    return this.#epochs.accepted!;
  }

  get current(): number {
    return this.#epochs.current!;
  }

  store(which: 'accepted' | 'current', epoch: number): Promise<void> {
    return which === 'accepted' ? this.#epochs.setAccepted(epoch) : this.#epochs.setCurrent(epoch);
  }
}

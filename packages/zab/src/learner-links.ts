import type { Link } from './leader-step.ts';
import type { LearnerProgress } from './learner-progress.ts';

/**
 * The learners of a leader by link, and the lists of links that packets go to. A list is made anew when it changes, so
 * those that outputs carry stay as they were.
 */
export class LearnerLinks {
  readonly #byLink = new Map<Link, LearnerProgress>();
  #followers: readonly Link[] = [];
  #committing: readonly Link[] = [];
  #syncingFollowers: readonly LearnerProgress[] = [];
  #observers: readonly Link[] = [];
  #synced: readonly Link[] = [];
  #syncedFollowers: readonly LearnerProgress[] = [];

  get(link: Link): LearnerProgress | undefined {
    return this.#byLink.get(link);
  }

  all(): IterableIterator<LearnerProgress> {
    return this.#byLink.values();
  }

  /** The learner with that id. Ids below 0 are no ids: any number of observers may come without one. */
  ofSid(sid: number): LearnerProgress | undefined {
    if (sid >= 0) for (const learner of this.#byLink.values()) if (learner.sid === sid) return learner;
    return undefined;
  }

  add(learner: LearnerProgress): void {
    this.#byLink.set(learner.link, learner);
  }

  remove(link: Link): void {
    this.#byLink.delete(link);
    this.phaseChanged();
  }

  /** To be called when a learner's phase has changed. */
  phaseChanged(): void {
    const all = [...this.#byLink.values()];
    const forwarded = all.filter((learner) => learner.isForwarded);
    const followers = forwarded.filter((learner) => !learner.isObserver);
    this.#followers = followers.map(linkOf);
    this.#syncingFollowers = followers.filter((learner) => learner.phase === 'syncing');
    this.#committing = followers.filter((learner) => learner.phase !== 'syncing').map(linkOf);
    this.#observers = forwarded.filter((learner) => learner.isObserver).map(linkOf);
    const synced = all.filter((learner) => learner.phase === 'synced');
    this.#synced = synced.map(linkOf);
    this.#syncedFollowers = synced.filter((learner) => !learner.isObserver);
  }

  /** Where proposals go. */
  get followers(): readonly Link[] {
    return this.#followers;
  }

  /** Where commits go. */
  get committing(): readonly Link[] {
    return this.#committing;
  }

  /** Those that get their commits later. */
  get syncingFollowers(): readonly LearnerProgress[] {
    return this.#syncingFollowers;
  }

  /** Where INFORMs go. */
  get observers(): readonly Link[] {
    return this.#observers;
  }

  /** Those that answer PINGs. */
  get synced(): readonly Link[] {
    return this.#synced;
  }

  get syncedFollowers(): readonly LearnerProgress[] {
    return this.#syncedFollowers;
  }
}

function linkOf(learner: LearnerProgress): Link {
  return learner.link;
}

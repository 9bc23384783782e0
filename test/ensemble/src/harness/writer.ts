import { create } from '@corral-test/oracle';
import { Client, ConnectionLoss, type Session } from './client.ts';
import type { Ensemble } from './ensemble.ts';
import { until } from './eventually.ts';

/** A client that creates one node after the other, whatever becomes of the members, and remembers what was acknowledged. */
export class Writer {
  readonly acknowledged: string[] = [];
  /** How often the session itself was lost, and had to be replaced. */
  sessionsLost = 0;
  readonly #ensemble: Ensemble;
  readonly #parent: string;
  readonly #life: Promise<void>;
  #isStopping = false;
  #failure: unknown;

  /** @param parent is created where it is missing */
  constructor(ensemble: Ensemble, parent: string) {
    this.#ensemble = ensemble;
    this.#parent = parent;
    this.#life = this.#live().catch((error: unknown) => void (this.#failure = error));
  }

  /** Resolves after so many more acknowledgements. */
  async more(count: number): Promise<void> {
    const wanted = this.acknowledged.length + count;
    await until(`${count} more writes`, () => {
      if (this.#failure !== undefined) throw this.#failure;
      return this.acknowledged.length >= wanted;
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#life;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #live(): Promise<void> {
    let session: Session | undefined;
    let number = 0;
    for (let turn = 0; !this.#isStopping; turn++) {
      const { running } = this.#ensemble;
      const member = running[turn % Math.max(1, running.length)];
      const client =
        member === undefined
          ? undefined
          : await Client.tryOpen(member, session === undefined ? {} : { session });
      if (client === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      if (client.isRefused) {
        this.sessionsLost++;
        session = undefined;
        continue;
      }
      session = client.session;
      try {
        client.tell(create(this.#parent));
        while (!this.#isStopping) {
          const path = `${this.#parent}/${number++}`;
          const { err } = await client.ask(create(path, path));
          if (err === 0) this.acknowledged.push(path);
          else if (err !== SESSIONMOVED && err !== SESSIONEXPIRED)
            throw new Error(`create of ${path} was answered by ${err}`);
        }
      } catch (error) {
        if (!(error instanceof ConnectionLoss)) throw error;
      }
      await client.drop();
    }
  }
}

const SESSIONMOVED = -118;
const SESSIONEXPIRED = -112;

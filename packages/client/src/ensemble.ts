import type { Op } from './abort-signal.ts';
import { fromUtf8 } from './codec.ts';
import { GetData } from './read-operations.ts';
import type { Got } from './results.ts';
import { Reconfig } from './write-operations.ts';
import type { Session } from './session.ts';

export interface EnsembleConfig {
  /** `server.N=host:ports:role;client`, as they are written in the configuration. */
  readonly servers: readonly string[];
  readonly version: bigint;
  /** The whole text of `/zookeeper/config`. */
  readonly text: string;
}

export interface Reconfiguration extends Op {
  /** Incremental: `server.N=...` each. */
  readonly join?: readonly string[];
  /** Incremental: ids. */
  readonly leave?: readonly number[];
  /** Instead of both: all members. */
  readonly members?: readonly string[];
  /** Only from this version of the configuration. */
  readonly from?: bigint;
}

/** Who is in the ensemble. Its node lies outside any chroot. */
export class Ensemble {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async config(op: Op = {}): Promise<EnsembleConfig> {
    const operation = new GetData(CONFIG_NODE, CONFIG_NODE, (data) => data);
    return configOf(await this.#session.run(operation, op.signal));
  }

  /** Changes the members; resolves with the configuration that is in force then. Needs rights on `/zookeeper/config`. */
  async reconfig(change: Reconfiguration): Promise<EnsembleConfig> {
    const { join, leave, members, from = -1n, signal } = change;
    if (members !== undefined && (join !== undefined || leave !== undefined))
      throw new RangeError('members stand instead of join and leave');
    const operation = new Reconfig({
      joining: join?.join(',') ?? null,
      leaving: leave?.join(',') ?? null,
      members: members?.join(',') ?? null,
      from,
    });
    return configOf(await this.#session.run(operation, signal));
  }
}

export function configOf({ data }: Got<Uint8Array>): EnsembleConfig {
  const text = fromUtf8(data, CONFIG_NODE);
  const lines = text.split('\n').map((line) => line.trim());
  const version = lines.find((line) => line.startsWith('version='))?.slice('version='.length) ?? '0';
  return {
    servers: lines.filter((line) => line.startsWith('server.')),
    version: BigInt(`0x${/^[0-9a-f]+$/.exec(version)?.[0] ?? '0'}`),
    text,
  };
}

export const CONFIG_NODE = '/zookeeper/config';
